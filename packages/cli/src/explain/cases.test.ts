import { createAuth, iam, none, oidc, userPool } from "@authmodes/core";
import { describe, expect, it } from "vitest";
import { startKeyServer } from "../../../core/src/test/key-server.ts";
import {
  caseSecrets,
  configurations,
  draftFor,
  known,
  refusals,
  type SignatureCase,
  signatureCases,
} from "../../../core/src/test/signature-cases/index.ts";
import { type Draft, testTime } from "../../../core/src/test/sigv4-signer.ts";
import { now, pool, poolId, shop, tokenCases } from "../../../core/src/test/token-cases.ts";
import { cli, type Ran, unwrapped } from "../test/cli.ts";
import { meaningOf } from "./reasons/meaning.ts";
import type { RequestReport } from "./request-report.ts";

// Every request that a verifier has to refuse: explain names the mode and the reason, in words, and no secret.

interface Told {
  readonly human: Ran;
  readonly report: RequestReport;
}

async function explained(stdin: Buffer, auth: unknown): Promise<Told> {
  const around = { stdin, load: async () => ({ auth }) };
  const human = await cli(["explain", "-", "--auth", "auth.ts"], around);
  const { out } = await cli(["explain", "-", "--auth", "auth.ts", "--json"], around);
  return { human, report: JSON.parse(out) as RequestReport };
}

function expectCause({ human, report }: Told, mode: string | undefined, code: string, reason: string): void {
  expect(report).toMatchObject({ verdict: "refused", code, reason });
  expect(report.mode).toBe(mode);
  const meaning = meaningOf(reason);
  expect(meaning).toBeDefined();
  expect(human.code).toBe(1);
  expect(human.err).toBe("");
  // Mistakes that show in the credential itself are told instead.
  const sent = /^(?:this is not a JWT|the token is in quotation marks|the issuer differs by a slash)/;
  if (!sent.test(report.cause)) expect(report).toMatchObject({ cause: meaning?.says, mend: meaning?.mend });
  const out = unwrapped(human.out);
  expect(out).toContain(`refused${mode === undefined ? "" : ` by ${mode}`}: ${report.cause}`);
  expect(out).toContain(`fix: ${report.mend}`);
  const failed = report.checks.filter(({ outcome }) => outcome === "fails");
  const isOfMode = mode !== undefined && reason !== "verification_failed" && reason !== "several_credentials";
  expect(failed).toHaveLength(isOfMode ? 1 : 0);
}

const host = "127.0.0.1:4000";

function onTheWire({ method = "GET", target, headers, body = "" }: Draft): Buffer {
  const length = body.length > 0 ? [`Content-Length: ${Buffer.byteLength(body)}`] : [];
  const lines = [`${method} ${target} HTTP/1.1`, ...headers.map((pair) => pair.join(": ")), ...length];
  return Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), Buffer.from(body)]);
}

describe("explain names the cause of bad signatures", () => {
  const named = signatureCases.map((one): readonly [string, SignatureCase] => [one.name, one]);

  it.each(named)("%s", async (_name, { on = "usual", draft, expects }) => {
    const mode = iam({ region: "us-east-1", credentials: (id) => known.get(id), ...configurations[on] });
    const auth = createAuth([mode], { clock: () => testTime });
    const written = onTheWire(draft(draftFor(host)));
    const [kind, reason] = expects;
    const told = await explained(written, auth);
    const beforeModes = [
      "no_credentials",
      "mode_not_served",
      "several_credentials",
      "authorization_repeated",
    ];
    expectCause(told, beforeModes.includes(reason) ? undefined : "iam", refusals[kind][1], reason);

    const said = told.human.out + JSON.stringify(told.report);
    const signatures = [...written.toString("latin1").matchAll(/Signature=([0-9a-f]{64})/g)].map(
      ([, hex]) => hex,
    );
    for (const secret of [...caseSecrets, ...signatures]) expect(said).not.toContain(secret);
  });
});

describe("explain names the cause of bad tokens", async () => {
  const [poolKeys, shopKeys, otherKeys] = await Promise.all([
    startKeyServer([pool.access.jwk, pool.id.jwk]),
    startKeyServer([shop.rs.jwk, shop.es.jwk]),
    startKeyServer([{ ...shop.es.jwk, kid: "other" }]),
  ]);
  const auth = createAuth(
    [
      userPool({ userPoolId: poolId, clientId: "web", jwksUri: poolKeys.jwksUri }),
      oidc([
        { issuer: shopKeys.issuer, audience: "api", clientId: "cli" },
        { issuer: otherKeys.issuer, audience: "other-api", clientId: "other-cli" },
      ]),
      none(),
    ],
    { clock: () => now * 1000 },
  );
  const cases = tokenCases(() => ({ shop: shopKeys.issuer, other: otherKeys.issuer }));

  it.each(cases)("%s", async (_name, makeToken, summary) => {
    const token = await makeToken();
    const [, code = "", reason = ""] = summary.split(" ");
    const told = await explained(Buffer.from(`${token}\n`), auth);
    expectCause(told, told.report.mode ?? "none at all", code, reason);
    expect(told.report.mode).toMatch(/^(?:userPool|oidc)$/);

    const said = told.human.out + JSON.stringify(told.report);
    expect(said).not.toContain(token);
    for (const part of token.split(".").filter((part) => part.length > 8)) expect(said).not.toContain(part);
  });

  it("says by how much a token has expired, of which issuer it is, and what it lacks", async () => {
    const claims = { iss: shopKeys.issuer, sub: "otto", aud: "api", azp: "cli" };
    const old = await explained(Buffer.from(await shop.rs.sign({ ...claims, exp: now - 3700 })), auth);
    expect(old.human.out).toMatch(/exp +2027-01-15T06:58:20\.000Z \(ended 1 h 1 min ago\)/);
    expect(old.human.out).toContain(`iss  ${shopKeys.issuer}`);
    const endless = await explained(Buffer.from(await shop.rs.sign(claims)), auth);
    expect(endless.human.out).toMatch(/missing +exp/);
  });
});
