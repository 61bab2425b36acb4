import type { RequestView } from "@authmodes/core";

const noBody = Promise.resolve(new Uint8Array());

/** A message that did not arrive by HTTP, with the credentials that it has. */
export class MessageView implements RequestView {
  readonly method = "MESSAGE";
  readonly target: string;
  readonly host = undefined;
  readonly rawHeaders: readonly string[];
  readonly exact = false;
  readonly #headers: ReadonlyMap<string, string>;

  constructor(handler: string, headers: Readonly<Record<string, string | undefined>> = {}) {
    this.target = `/${handler}`;
    const sent = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined);
    this.#headers = new Map(sent.map(([name, value]) => [name.toLowerCase(), value]));
    this.rawHeaders = sent.flat();
  }

  header(lowerName: string): string | undefined {
    return this.#headers.get(lowerName);
  }

  body(): Promise<Uint8Array> {
    return noBody;
  }
}
