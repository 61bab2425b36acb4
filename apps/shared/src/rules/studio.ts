import type { Auth } from "@authmodes/core";
import type { Middleware } from "../http/middleware.ts";

/** A studio, with the path and query of the link that opens it. */
export interface Studio {
  readonly node: Middleware;
  readonly link: string | undefined;
}

/** `createStudio` of `@authmodes/studio`, which is loaded only if the studio is on. */
export type CreateStudio = (options: {
  readonly on: true;
  readonly auth: Auth;
  readonly schemaFile: string;
  /** The shop prints the link itself, with its port. */
  readonly printLink: false;
}) => Studio;

/** Default path of the studio. */
export const studioPath = "/_studio";
