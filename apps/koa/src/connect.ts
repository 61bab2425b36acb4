import type { Middleware as ConnectMiddleware } from "@authmodes/app-shared";
import type { Middleware } from "koa";

/** Runs a middleware of Connect's kind in Koa. What it answers by itself is left alone. */
export function connect(middleware: ConnectMiddleware): Middleware {
  return ({ req, res }, next) =>
    new Promise((resolve, reject) => {
      res.once("close", resolve);
      // What comes after runs in the same asynchronous context, as it does in Connect.
      middleware(req, res, (error) => {
        res.off("close", resolve);
        if (error instanceof Error) reject(error);
        else resolve(next());
      });
    });
}
