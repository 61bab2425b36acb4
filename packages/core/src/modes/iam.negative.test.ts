import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { IamServer } from "../test/iam-server.ts";
import {
  caseSecrets,
  configurations,
  draftFor,
  known,
  refusals,
  type SignatureCase,
  signatureCases,
  temp,
} from "../test/signature-cases/index.ts";
import { signDraft } from "../test/sigv4-signer.ts";

// What a verifier has to refuse, over real HTTP.

const servers = new Map<string, IamServer>();

beforeAll(async () => {
  for (const [name, configuration] of Object.entries(configurations)) {
    const options = { credentials: (id: string) => known.get(id), ...configuration };
    servers.set(name, await IamServer.start(options));
  }
});
afterAll(() => servers.forEach((server) => server.close()));

function serverOf(name = "usual"): IamServer {
  const server = servers.get(name);
  if (server === undefined) throw new Error(`no server ${name}`);
  return server;
}

function named(all: readonly SignatureCase[]): (readonly [string, SignatureCase])[] {
  return all.map((one) => [one.name, one]);
}

describe("iam refuses", () => {
  it.each(named(signatureCases))("%s", async (_name, { on, draft, expects }) => {
    const server = serverOf(on);
    const answer = await server.send(draft(draftFor(server.host)));
    const [kind, reason] = expects;
    const [status, code] = refusals[kind];
    expect([answer.status, answer.event?.code, answer.event?.reason]).toEqual([status, code, reason]);
  });

  it("80 says neither a secret, nor a token, nor the signature that it expected", async () => {
    const server = serverOf();
    const draft = draftFor(server.host).get();
    const good = signDraft(draft, temp);
    expect((await server.send(good)).status).toBe(200);
    const answer = await server.send(signDraft(draft, { ...temp, secret: "another" }));
    expect(answer.event?.reason).toBe("signature_mismatch");
    const [expected] = /[0-9a-f]{64}/.exec(good.headers.at(-1)?.[1] ?? "") ?? [""];

    // The answers and events of all the cases above as well.
    const said = JSON.stringify([answer, ...[...servers.values()].map(({ events }) => events)]);
    for (const secret of [...caseSecrets, expected]) expect(said).not.toContain(secret);
    expect(said).not.toMatch(/[0-9a-f]{64}/);
  });
});
