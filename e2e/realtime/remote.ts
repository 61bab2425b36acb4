import type { ChildProcess } from "node:child_process";

// Calls of functions in another process, over the channel that `fork` opens.

type Functions<T> = { readonly [K in keyof T]: (...args: never) => unknown };

interface Call {
  readonly id: number;
  readonly name: string;
  readonly args: readonly unknown[];
}

type Answer = { readonly id: number } & ({ readonly value: unknown } | { readonly error: string });

/** Answers the calls of the process that started this one, and ends together with it. */
export function answerCalls<T extends Functions<T>>(functions: T): void {
  const byName = new Map(Object.entries<(...args: never) => unknown>(functions));
  process.once("disconnect", () => process.exit());
  process.on("message", async ({ id, name, args }: Call) => {
    const called = byName.get(name) as ((...args: readonly unknown[]) => unknown) | undefined;
    try {
      process.send?.({ id, value: await called?.(...args) } satisfies Answer);
    } catch (error) {
      process.send?.({
        id,
        error: error instanceof Error ? `${error.message}\n${error.stack}` : String(error),
      });
    }
  });
}

/** The functions of a process that this one started. */
export class Remote<T extends Functions<T>> {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #last = 0;

  constructor(child: ChildProcess) {
    this.#child = child;
    child.on("message", (answer: Answer) => {
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    });
    child.once("exit", () => {
      for (const [id, settle] of this.#waiting) settle({ id, error: "the process ended" });
    });
  }

  async call<K extends keyof T & string>(
    name: K,
    ...args: Parameters<T[K]>
  ): Promise<Awaited<ReturnType<T[K]>>> {
    const id = ++this.#last;
    const answered = new Promise<Answer>((resolve) => this.#waiting.set(id, resolve));
    this.#child.send({ id, name, args } satisfies Call);
    const answer = await answered;
    if ("error" in answer) throw new Error(`${name}: ${answer.error}`);
    return answer.value as Awaited<ReturnType<T[K]>>;
  }
}
