import type { Middleware as ConnectMiddleware } from "@authmodes/app-shared";
import type { Middleware } from "koa";

/** Adapts a Connect middleware. If it answers itself, the request ends there. */
export function connect(middleware: ConnectMiddleware): Middleware {
  return ({ req, res }, next) =>
    new Promise((resolve, reject) => {
      res.once("close", resolve);
      // The rest runs in the same asynchronous context, as in Connect.
      middleware(req, res, (error) => {
        res.off("close", resolve);
        if (error instanceof Error) reject(error);
        else resolve(next());
      });
    });
}
