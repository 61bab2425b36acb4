import { createHash } from "node:crypto";
import { apiKey, authenticate, authErrorHandler, createAuth } from "@authmodes/express";
import { createUsage } from "@authmodes/keys";
import { redisStore } from "@authmodes/keys/redis";
import express from "express";
import { goodKey, kind, serving } from "./setting.js";

// An API key whose requests are counted in Redis, by a plan that is never used up.

const app = express();
app.disable("x-powered-by");

if (kind === "authmodes") {
  const store = redisStore(process.env["REDIS_URL"] ?? "");
  const plans = { bench: { rate: 1e6, burst: 1e6 } };
  const hash = createHash("sha256").update(goodKey).digest("hex");
  const keys = [{ id: "bench", hash, expiresAt: null }];
  const usage = createUsage(store, { plans, plan: () => "bench" });
  app.use(authenticate(createAuth([apiKey({ keys })], { usage })));
}
app.get("/", (_request, response) => response.json({ ok: true }));
app.use(authErrorHandler());

const server = app.listen(0, "127.0.0.1", () => serving(server));
