/** A request that is about to be sent, as a header source sees it. */
export interface OutboundRequest {
  readonly method: string;
  readonly url: URL;
  /** Those of whoever makes the request, `content-type` included; a copy. */
  readonly headers: Headers;
  /** The bytes to be sent; undefined without a body, and for a stream where the source does not need the bytes. */
  readonly body: Uint8Array | undefined;
  /** The 401 to a first try with what this source gave. Its headers may be read, its body belongs to the caller. */
  readonly refused: Response | undefined;
}

/** From a request to the headers to add. It adds credentials, or rejects; what it rejects with holds none. */
export interface HeaderSource {
  (request: OutboundRequest): Promise<Readonly<Record<string, string>>>;
  /** true where it signs the body: a stream has to be read ahead for it, and its headers are never used twice. */
  readonly needsBody?: boolean;
  /**
   * Lower-case names of the headers that hold its credentials, besides `authorization` and `x-api-key`. A caller's own
   * header of such a name wins, and does not follow a redirect to another origin.
   */
  readonly headerNames?: readonly string[];
}

/** The shape that the credential providers of every AWS SDK give. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}
