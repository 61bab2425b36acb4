import type { Policy, Values } from "@authmodes/rules";
import type { GraphQLArgument } from "graphql";
import type { ModelField } from "../options.ts";
import { keyOf } from "./rule-fields.ts";

/** Which arguments of a mutation are written. */
export class WriteArguments {
  readonly use: ModelField;
  /** The fields of the model's key. */
  readonly key: readonly string[];
  /** The names of all arguments. */
  readonly names: readonly string[];
  /** The argument that holds what is written; undefined if all arguments are written. */
  readonly inputArgument: GraphQLArgument | undefined;
  readonly #policy: Policy;

  constructor(policy: Policy, use: ModelField, definitions: readonly GraphQLArgument[]) {
    this.use = use;
    this.key = keyOf(policy, use.model);
    this.names = definitions.map(({ name }) => name);
    this.inputArgument = definitions.find(({ name }) => name === (use.input ?? "input"));
    this.#policy = policy;
  }

  /** The names of the model's fields. */
  get known(): ReadonlySet<string> {
    return this.#policy.fields(this.use.model);
  }

  /**
   * Whether an argument or a field of the input is written. Amplify's `condition`, Relay's `clientMutationId` and names in
   * `ignore` are not.
   */
  isWritten(name: string): boolean {
    if (this.use.ignore?.includes(name) === true) return false;
    return (name !== "condition" && name !== "clientMutationId") || this.known.has(name);
  }

  /** The values to write. */
  inputOf(args: Values): Values {
    return pick(this.#given(args), (name) => this.isWritten(name));
  }

  /**
   * Arguments, and fields of the input, that the write depends on but that are not written, such as `condition`: whether the
   * write succeeds reveals the values of fields. For a delete, all but the key.
   */
  conditionsOf(args: Values): readonly Values[] {
    const isCondition = (name: string): boolean =>
      !this.isWritten(name) || (this.use.operation === "delete" && !this.key.includes(name));
    const beside = pick(args, (name) => name !== this.inputArgument?.name && isCondition(name));
    return this.inputArgument === undefined ? [beside] : [beside, pick(this.#given(args), isCondition)];
  }

  /** A copy of the arguments with the values that the rules fill in, such as the owner. */
  withWrites(args: Values, writes: Values): Values {
    if (Object.keys(writes).length === 0) return args;
    const given = { ...this.#given(args), ...writes };
    return this.inputArgument === undefined ? given : { ...args, [this.inputArgument.name]: given };
  }

  #given(args: Values): Values {
    return this.inputArgument === undefined ? args : ((args[this.inputArgument.name] ?? {}) as Values);
  }
}

function pick(values: Values, isPicked: (name: string) => boolean): Values {
  return Object.fromEntries(Object.entries(values).filter(([name]) => isPicked(name)));
}
