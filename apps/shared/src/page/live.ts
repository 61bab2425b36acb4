import type { HeaderSource } from "@authmodes/core/outbound";

type Credentials = Readonly<Record<string, string>>;

/** What a page sends to follow the new orders that its caller may read. */
export interface LiveMessages {
  /** Credentials of the connection. */
  readonly connect: Credentials;
  /** The payload of the message that starts the subscription. */
  readonly start: {
    readonly data: string;
    readonly extensions: { readonly authorization: Credentials };
  };
}

const data = JSON.stringify({ query: "subscription { onCreateOrder { id bookId quantity owner } }" });

/**
 * Makes the messages on the server, since keys that sign never leave it.
 * @param host as the page has it in its address
 */
export async function liveMessages(source: HeaderSource, host: string): Promise<LiveMessages> {
  const headersFor = async (path: string, body: string): Promise<Credentials> => {
    const url = new URL(path, `http://${host}`);
    const bytes = new TextEncoder().encode(body);
    const request = { method: "POST", url, headers: new Headers(), body: bytes, refused: undefined };
    return { host, ...(await source(request)) };
  };
  return {
    connect: await headersFor("/graphql/connect", "{}"),
    start: { data, extensions: { authorization: await headersFor("/graphql", data) } },
  };
}
