import type { Auth } from "@authmodes/core";
import type { Middleware } from "./middleware.ts";

/** `createStudio` of `@authmodes/studio`, which is loaded only by those who switch it on. */
export type CreateStudio = (options: {
  readonly on: true;
  readonly auth: Auth;
  readonly schemaFile: string;
}) => { readonly node: Middleware };

/** Where the studio is unless it is told otherwise. */
export const studioPath = "/_studio";

/** The studio in front of a middleware that knows its auth: all apps put that one first. */
export function withStudio(
  createStudio: CreateStudio | undefined,
  schemaFile: string,
  behind: (auth: Auth) => Middleware,
): (auth: Auth) => Middleware {
  if (createStudio === undefined) return behind;
  return (auth) => {
    const studio = createStudio({ on: true, auth, schemaFile });
    const next = behind(auth);
    return (request, response, done) =>
      studio.node(request, response, (error) => {
        if (error === undefined) next(request, response, done);
        else done(error);
      });
  };
}
