import "reflect-metadata";
import type { AddressInfo } from "node:net";
import type { INestApplication, ModuleMetadata, Type } from "@nestjs/common";
import { Module } from "@nestjs/common";
import { type AbstractHttpAdapter, NestFactory } from "@nestjs/core";
import { ExpressAdapter } from "@nestjs/platform-express";
import { FastifyAdapter } from "@nestjs/platform-fastify";
import { afterEach } from "vitest";

export type MakeAdapter = () => AbstractHttpAdapter;

export const platforms: readonly (readonly [string, MakeAdapter])[] = [
  ["Express", () => new ExpressAdapter()],
  ["Fastify", () => new FastifyAdapter()],
];

let apps: INestApplication[] = [];
afterEach(async () => {
  await Promise.all(apps.map((app) => app.close()));
  apps = [];
});

export function moduleOf(metadata: ModuleMetadata): Type {
  @Module(metadata)
  class AppModule {}
  return AppModule;
}

/** An app that is closed after the test. Trouble at its start is thrown, not logged. */
export async function createApp(
  metadata: ModuleMetadata,
  makeAdapter: MakeAdapter = () => new ExpressAdapter(),
): Promise<INestApplication> {
  const app = await NestFactory.create(moduleOf(metadata), makeAdapter(), {
    logger: false,
    abortOnError: false,
    forceCloseConnections: true,
  });
  apps.push(app);
  return app;
}

/** @returns its URL */
export async function listen(app: INestApplication): Promise<string> {
  await app.listen(0, "127.0.0.1");
  return `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
}

export async function serve(metadata: ModuleMetadata, makeAdapter?: MakeAdapter): Promise<string> {
  return listen(await createApp(metadata, makeAdapter));
}
