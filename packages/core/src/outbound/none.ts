import type { HeaderSource } from "./types.ts";

const nothing = Object.freeze({});

/** Sends no credentials: for services where anybody may call. */
export function none(): HeaderSource {
  return () => Promise.resolve(nothing);
}
