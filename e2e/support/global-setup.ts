import type { TestProject } from "vitest/node";
import { type Bookstore, startBookstore } from "./app.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Runs while the tests do; answers refusals as problems. */
    bookstore: Bookstore;
  }
}

export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const running = await startBookstore();
  project.provide("bookstore", running.bookstore);
  return () => running.stop();
}
