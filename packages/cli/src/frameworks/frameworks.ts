import { express } from "./express.ts";
import { fastify } from "./fastify.ts";
import type { Framework } from "./framework.ts";
import { koa } from "./koa.ts";
import { nestjs } from "./nestjs.ts";
import { next } from "./next.ts";

/** As in the names of their adapters: `@authmodes/<name>`. */
export type FrameworkName = "express" | "fastify" | "koa" | "nestjs" | "next";

/** A framework that is built on another one comes after it. */
export const frameworks: Readonly<Record<FrameworkName, Framework>> = { express, fastify, koa, nestjs, next };

export const frameworkNames = Object.keys(frameworks) as readonly FrameworkName[];

/** The framework that a project depends on. */
export function frameworkOf(packages: ReadonlySet<string>): FrameworkName | undefined {
  return frameworkNames.findLast((name) => packages.has(frameworks[name].dependency));
}
