// The part of the CORS middleware that the tests use.
declare module "cors" {
  import type { RequestHandler } from "express";
  interface CorsOptions {
    readonly origin?: string;
    readonly allowedHeaders?: readonly string[];
    readonly preflightContinue?: boolean;
  }
  export default function cors(options?: CorsOptions): RequestHandler;
}
