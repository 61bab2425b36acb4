import { describe, expect, it } from "vitest";
import { createAuth } from "../auth/auth.ts";
import { AuthError } from "../refusal/error.ts";
import { lambda, type LambdaOptions } from "../modes/lambda.ts";
import { viewOf, type ViewParts } from "../test/view.ts";
import { lambdaIdentity } from "./answers.ts";
import { Answers } from "./authorizers.ts";

const yes = { isAuthorized: true };
const plain: ViewParts = { headers: [["authorization", "t"]] };

/** An auth whose clock stands until it is moved, and how often its authorizer was called. */
function counting(options: Partial<LambdaOptions>, answer: () => unknown = () => yes) {
  const state = { calls: 0, now: 1_800_000_000_000 };
  const authorizer = async () => (state.calls++, answer());
  const auth = createAuth([lambda({ authorizer, ...options })], { clock: () => state.now });
  auth.onEvent(() => {});
  const ask = async (parts: ViewParts = plain) => {
    try {
      await auth.authenticate(viewOf(parts));
      return "accepted";
    } catch (error) {
      return error instanceof AuthError ? error : Promise.reject(error);
    }
  };
  const reason = async (parts?: ViewParts) => {
    const outcome = await ask(parts);
    return outcome instanceof AuthError ? outcome.reason : outcome;
  };
  return { state, ask, reason };
}

describe("what lambda remembers", () => {
  it("is nothing unless it is told to", async () => {
    const { state, ask } = counting({});
    await ask();
    await ask();
    expect(state.calls).toBe(2);
  });

  it("takes no room if it is empty", async () => {
    const answers = new Answers(0);
    await answers.find("key", 1000, async () => ({
      ttlOverride: undefined,
      size: 1,
      decide: () => lambdaIdentity(null, {}),
    }));
    expect(answers.known("key", 0)).toBeUndefined();
  });

  it("ends with ttlSeconds", async () => {
    const { state, ask } = counting({ ttlSeconds: 60 });
    await ask();
    state.now += 59_999;
    await ask();
    expect(state.calls).toBe(1);
    state.now += 1;
    await ask();
    expect(state.calls).toBe(2);
  });

  it.each([
    ["is nothing where the answer says 0", 300, 0, [2, 2]],
    ["lasts as the answer says, longer", 0, 3600, [1, 1]],
    ["lasts as the answer says, shorter", 300, 10, [1, 2]],
  ])("%s", async (_, ttlSeconds, ttlOverride, calls) => {
    const { state, ask } = counting({ ttlSeconds }, () => ({ ...yes, ttlOverride }));
    await ask();
    await ask();
    expect(state.calls).toBe(calls[0]);
    state.now += 10_000;
    const before = state.calls;
    await ask();
    expect(state.calls - before).toBe(ttlOverride === 3600 ? 0 : 1);
  });

  it("is kept under the whole token", async () => {
    const { state, ask } = counting({ ttlSeconds: 60 });
    for (const token of ["t", "T", "t2", "Bearer t"]) await ask({ headers: [["authorization", token]] });
    expect(state.calls).toBe(4);
  });

  it("is kept under the declared identity sources", async () => {
    const identitySources = ["header:X-Tenant", "query:stage", "method", "path"];
    const { state, ask } = counting({ ttlSeconds: 60, identitySources });
    const tenant = (...values: string[]) => ({
      headers: [...(plain.headers ?? []), ...values.map((value) => ["X-TENANT", value] as const)],
    });
    const different: ViewParts[] = [
      plain,
      tenant("a"),
      tenant("b"),
      tenant("a", "b"),
      tenant("a, b"),
      { ...plain, target: "/?stage=1" },
      { ...plain, target: "/?stage=2" },
      { ...plain, target: "/?stage=1&stage=2" },
      { ...plain, target: "/books" },
      { ...plain, method: "POST" },
    ];
    for (const parts of different) await ask(parts);
    expect(state.calls).toBe(different.length);
    for (const parts of different) await ask(parts);
    await ask({ ...tenant("a"), target: "/?other=1" });
    expect(state.calls).toBe(different.length);
  });

  it("is kept under the Authorization also if a request authorizer did not declare it", async () => {
    let calls = 0;
    const mode = lambda({
      event: "request",
      identitySources: ["header:x-tenant"],
      ttlSeconds: 60,
      authorizer: () => (calls++, yes),
    });
    const auth = createAuth([mode], { precedence: ["lambda"] });
    for (const authorization of ["good", "bad", "good"]) {
      const headers = [
        ["x-tenant", "a"],
        ["authorization", authorization],
      ] as const;
      await auth.authenticate(viewOf({ headers }));
    }
    expect(calls).toBe(2);
  });

  it("may be a refusal", async () => {
    const { state, reason } = counting({ ttlSeconds: 60 }, () => ({ isAuthorized: false }));
    expect([await reason(), await reason()]).toEqual(["authorizer_denied", "authorizer_denied"]);
    expect(state.calls).toBe(1);
  });

  it("is never a failure", async () => {
    for (const fail of [() => Promise.reject(new Error("down")), () => ({ isAuthorized: "yes" })]) {
      let broken = true;
      const { state, reason } = counting({ ttlSeconds: 3600 }, () => (broken ? fail() : yes));
      expect(await reason()).toMatch(/^authorizer_(failed|answer_malformed)$/);
      broken = false;
      expect(await reason()).toBe("accepted");
      expect(state.calls).toBe(2);
    }
  });

  it("never holds a thrown Unauthorized", async () => {
    const { state, reason } = counting({ event: "token", ttlSeconds: 3600 }, () =>
      Promise.reject(new Error("Unauthorized")),
    );
    expect([await reason(), await reason()]).toEqual(["authorizer_denied", "authorizer_denied"]);
    expect(state.calls).toBe(2);
  });

  it("spares the body of a request whose answer is known", async () => {
    const { state, ask } = counting({ ttlSeconds: 60 });
    await ask();
    const view = viewOf({
      ...plain,
      method: "POST",
      headers: [...(plain.headers ?? []), ["content-type", "application/json"]],
    });
    const auth = createAuth([lambda({ authorizer: () => ({ ...yes, ttlOverride: 60 }) })], {
      clock: () => state.now,
    });
    await auth.authenticate(viewOf(plain));
    let read = 0;
    await auth.authenticate({
      ...view,
      header: view.header.bind(view),
      body: async () => (read++, new Uint8Array()),
    });
    expect(read).toBe(0);
  });
});

describe("callers at the same time", () => {
  it("share one call if answers are remembered", async () => {
    const { state, reason } = counting({ ttlSeconds: 60 });
    expect(await Promise.all([reason(), reason(), reason()])).toEqual(["accepted", "accepted", "accepted"]);
    expect(state.calls).toBe(1);
  });

  it("share none if they are not, whatever an answer says then", async () => {
    for (const answer of [yes, { ...yes, ttlOverride: 60 }]) {
      const { state, reason } = counting({}, () => answer);
      await Promise.all([reason(), reason()]);
      expect(state.calls).toBe(2);
    }
  });

  it("share none with another token", async () => {
    const { state, reason } = counting({ ttlSeconds: 60 });
    await Promise.all([reason(), reason({ headers: [["authorization", "other"]] })]);
    expect(state.calls).toBe(2);
  });

  it("share no answer that was for one request", async () => {
    const { state, reason } = counting({ ttlSeconds: 60 }, () => ({ ...yes, ttlOverride: 0 }));
    await Promise.all([reason(), reason(), reason()]);
    expect(state.calls).toBe(3);
  });

  it("share a failure, each with an error of its own", async () => {
    const { state, ask } = counting({ ttlSeconds: 60 }, () => Promise.reject(new Error("down")));
    const [a, b] = await Promise.all([ask(), ask()]);
    expect(state.calls).toBe(1);
    for (const error of [a, b]) {
      expect(error).toMatchObject({ code: "unavailable", reason: "authorizer_failed", retryAfter: 5 });
      expect(error).toHaveProperty("cause.message", "down");
    }
    expect((a as AuthError).id).not.toBe((b as AuthError).id);
    await ask();
    expect(state.calls).toBe(2);
  });

  it("share an AuthError of the authorizer with all that it says", async () => {
    const said = { message: "Quota used up", awsType: "Quota", retryAfter: 7 };
    const thrown = () => Promise.reject(new AuthError("rate_limited", "quota", said));
    const { state, ask } = counting({ ttlSeconds: 60 }, thrown);
    const context = { id: "", format: "apigateway", mode: "lambda", accepted: [] } as const;
    for (const error of await Promise.all([ask(), ask()])) {
      if (!(error instanceof AuthError)) throw error;
      const { message, retryAfter, headers } = error.within(context);
      expect({ message, awsType: headers["x-amzn-ErrorType"], retryAfter }).toEqual(said);
    }
    expect(state.calls).toBe(1);
  });

  it("get errors of their own for a cached rejection", async () => {
    const { ask } = counting({ ttlSeconds: 60 }, () => ({ isAuthorized: false }));
    const [a, b] = [await ask(), await ask()];
    expect((a as AuthError).id).not.toBe((b as AuthError).id);
  });
});
