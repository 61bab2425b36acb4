import type { Socket } from "node:net";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { setTimeout } from "node:timers/promises";
import {
  type ArgumentsHost,
  Catch,
  type ExceptionFilter,
  type INestApplication,
  type Type,
  UseFilters,
} from "@nestjs/common";
import { WsAdapter } from "@nestjs/platform-ws";
import {
  BaseWsExceptionFilter,
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
  WsException,
} from "@nestjs/websockets";
import { createTestKit } from "@authmodes/testing";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { WebSocket } from "ws";
import {
  type Access,
  Allow,
  AllowAnonymous,
  apiKey,
  type Auth,
  AuthModesModule,
  createAuth,
  CurrentAccess,
  CurrentIdentity,
  CurrentView,
  Groups,
  type IdentityBase,
  loadFrom,
  Modes,
  newApiKey,
  none,
  type RequestView,
  type StoredApiKey,
  userPool,
} from "./index.ts";
import { createApp, listen, platforms } from "./test/apps.ts";
import { alice, Notes, notesAuth, policy } from "./test/notes.ts";
import { outbound } from "./outbound.ts";
import { AuthModesWsAdapter } from "./ws/auth-modes-ws.adapter.ts";

@Catch()
class TellingFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const message =
      error instanceof WsException
        ? { event: "told", data: error.getError() }
        : { event: "failed", data: { message: error instanceof Error ? error.message : "" } };
    host.switchToWs().getClient<WebSocket>().send(JSON.stringify(message));
  }
}

@WebSocketGateway({ path: "/chat" })
@UseFilters(TellingFilter)
class ChatGateway {
  @SubscribeMessage("who")
  who(@CurrentIdentity() { mode, id }: IdentityBase) {
    return { event: "who", data: { mode, id } };
  }

  @SubscribeMessage("admin")
  @Groups("Admins")
  admin() {
    return { event: "admin", data: {} };
  }

  @SubscribeMessage("note")
  @Allow("get", "Note", { load: loadFrom(Notes, (notes, { id }) => notes.find(id)) })
  note(@CurrentAccess() { record }: Access) {
    return { event: "note", data: record };
  }

  /** Goes on after a later message was rejected. */
  @SubscribeMessage("forwarded")
  async forwarded(@CurrentView() view: RequestView) {
    await setTimeout(50);
    return { event: "forwarded", data: { headerNames: outbound.forward(view).headerNames } };
  }

  @SubscribeMessage("unfiltered")
  @Allow("list", "Note")
  unfiltered(@MessageBody() _filter: unknown) {
    return { event: "unfiltered", data: ["theirs"] };
  }
}

/** Without filters of its own. */
@WebSocketGateway({ path: "/plain" })
class PlainGateway {
  @SubscribeMessage("admin")
  @Groups("Admins")
  admin() {
    return { event: "admin", data: {} };
  }
}

@WebSocketGateway({ path: "/open" })
@AllowAnonymous()
@UseFilters(TellingFilter)
class OpenGateway {
  @SubscribeMessage("ping")
  ping() {
    return { event: "pong", data: {} };
  }

  @SubscribeMessage("who")
  @Modes("apiKey")
  who(@CurrentIdentity() { id }: IdentityBase) {
    return { event: "who", data: { id } };
  }
}

@WebSocketGateway({ path: "/late" })
@AllowAnonymous()
class LateGateway {
  @SubscribeMessage("who")
  @Modes("userPool")
  who(@CurrentIdentity() { id }: IdentityBase) {
    return { event: "who", data: { id } };
  }
}

const forbidden = { status: "error", code: "forbidden", message: "The caller may not do this" };
/** Before NestJS 12 a socket of the package `ws` hears nothing of exceptions without a filter of one's own. */
const filtersTellSockets = "emitMessage" in BaseWsExceptionFilter.prototype;

interface Message {
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}

const sockets: WebSocket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.terminate();
});

async function connect(url: string, headers: Readonly<Record<string, string>>): Promise<WebSocket> {
  const socket = new WebSocket(url.replace("http", "ws"), { headers });
  sockets.push(socket);
  await once(socket, "open");
  return socket;
}

/** @returns status and body of the answer to a handshake that is refused */
async function refusedHandshake(url: string, headers: Readonly<Record<string, string>>) {
  const socket = new WebSocket(url.replace("http", "ws"), { headers });
  const [, response] = (await once(socket, "unexpected-response")) as [unknown, IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return {
    status: response.statusCode,
    challenge: response.headers["www-authenticate"],
    body: JSON.parse(Buffer.concat(chunks).toString()) as Readonly<Record<string, unknown>>,
  };
}

/** Minutes of the connections' timers, with a moment for the network before them. */
async function ticks(minutes: number): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  await vi.advanceTimersByTimeAsync(minutes * 60_000);
}

async function ask(socket: WebSocket, event: string, data: unknown = {}): Promise<Message> {
  socket.send(JSON.stringify({ event, data }));
  const [text] = (await once(socket, "message")) as [Buffer];
  return JSON.parse(text.toString()) as Message;
}

describe.each(platforms)("WebSockets on %s", (_name, makeAdapter) => {
  async function start(auth: Auth = notesAuth().auth, ...gateways: readonly Type[]): Promise<string> {
    const app = await createApp(
      {
        imports: [AuthModesModule.forRoot({ auth })],
        providers: [Notes, ...(gateways.length > 0 ? gateways : [ChatGateway, OpenGateway])],
      },
      makeAdapter,
    );
    app.useWebSocketAdapter(new AuthModesWsAdapter(app));
    return listen(app);
  }

  it("closes no message by the rejection of another", async () => {
    const socket = await connect(`${await start()}/chat`, alice);
    socket.send(JSON.stringify({ event: "forwarded", data: {} }));
    expect((await ask(socket, "admin")).event).toBe("told");
    const [text] = (await once(socket, "message")) as [Buffer];
    expect(JSON.parse(text.toString())).toEqual({ event: "forwarded", data: { headerNames: ["x-api-key"] } });
    expect((await ask(socket, "note", { id: "mine" })).event).toBe("note");
  });

  it("closes no message by the rejection of another that runs at the same time, whatever their data are", async () => {
    const socket = await connect(`${await start()}/chat`, alice);
    const answers: Message[] = [];
    socket.on("message", (text: Buffer) => answers.push(JSON.parse(text.toString()) as Message));
    const { _socket: connection } = socket as unknown as { readonly _socket: Socket };
    connection.cork(); // one packet
    for (const event of ["who", "admin"]) socket.send(JSON.stringify({ event, data: "text" }));
    connection.uncork();
    await vi.waitUntil(() => answers.length === 2);
    expect(answers.map(({ event }) => event).toSorted()).toEqual(["told", "who"]);
    expect(answers.find(({ event }) => event === "who")?.data).toMatchObject({ id: "alice" });
  });

  it("refuses the handshake, not only the messages", async () => {
    const url = await start();
    for (const headers of [{}, { "x-api-key": "wrong" }]) {
      const refused = await refusedHandshake(`${url}/chat`, headers);
      expect(refused).toMatchObject({ status: 401, challenge: "ApiKey", body: { status: 401 } });
    }
  });

  it("gives messages the identity of the handshake", async () => {
    const socket = await connect(`${await start()}/chat`, alice);
    expect(await ask(socket, "who")).toEqual({ event: "who", data: { mode: "apiKey", id: "alice" } });
    expect(await ask(socket, "who", "text")).toMatchObject({ data: { id: "alice" } });
  });

  it("refuses messages with an exception that the filters of gateways know", async () => {
    const socket = await connect(`${await start()}/chat`, alice);
    expect(await ask(socket, "admin")).toMatchObject({ event: "told", data: forbidden });
    expect(await ask(socket, "admin", "text")).toMatchObject({ event: "told", data: forbidden });
  });

  it.runIf(filtersTellSockets)("refuses messages by Nest's own filter where there is no other", async () => {
    const socket = await connect(`${await start(notesAuth().auth, PlainGateway)}/plain`, alice);
    expect(await ask(socket, "admin")).toMatchObject({ event: "exception", data: forbidden });
  });

  it("asks the rules", async () => {
    const socket = await connect(`${await start()}/chat`, alice);
    expect(await ask(socket, "note", { id: "mine" })).toMatchObject({ data: { owner: "alice" } });
    expect(await ask(socket, "note", { id: "theirs" })).toMatchObject({ data: { code: "forbidden" } });
    expect(await ask(socket, "note", "mine")).toEqual({
      event: "failed",
      data: { message: "ChatGateway.note: with @Allow() the data of a message has to be an object" },
    });
    expect(await ask(socket, "unfiltered")).toMatchObject({ data: { code: "misconfigured" } });
  });

  it("opens a gateway to every caller if its class does, and its messages as their decorators require", async () => {
    const url = await start();
    const stranger = await connect(`${url}/open`, {});
    expect(await ask(stranger, "ping")).toMatchObject({ event: "pong" });
    expect(await ask(stranger, "who")).toMatchObject({ data: { code: "credentials_missing" } });
    expect(await ask(await connect(`${url}/open`, alice), "who")).toMatchObject({ data: { id: "alice" } });
  });

  it("opens no address of which one gateway is not open", async () => {
    @WebSocketGateway({ path: "/open" })
    class ClosedGateway {
      @SubscribeMessage("closed")
      closed() {
        return { event: "closed", data: {} };
      }
    }
    const url = await start(notesAuth().auth, OpenGateway, ClosedGateway);
    expect((await refusedHandshake(`${url}/open`, {})).status).toBe(401);
  });

  it("takes a cookie only from a page of the same origin", async () => {
    const kit = await createTestKit();
    const cookies = userPool({ ...kit.userPool.options, from: [{ cookie: "session" }] });
    const auth = createAuth([cookies, none()], { clock: kit.clock.now, policy });
    auth.onEvent(() => {});
    const url = await start(auth, ChatGateway);
    const cookie = `session=${await kit.userPool.token({ username: "alice" })}`;
    const socket = await connect(`${url}/chat`, { cookie, origin: url });
    expect(await ask(socket, "who")).toMatchObject({ data: { mode: "userPool" } });
    for (const from of [{}, { origin: "https://evil.example" }, { "sec-fetch-site": "cross-site" }]) {
      expect((await refusedHandshake(`${url}/chat`, { cookie, ...from })).status).toBe(401);
    }
  });

  it("ends a connection when the credentials do", async () => {
    // The auth lives an hour ago: what it takes for good has ended for the timer.
    const kit = await createTestKit({ now: () => Date.now() - 3_600_000 });
    const url = await start(kit.auth({ policy }), ChatGateway);
    const brief = await connect(`${url}/chat`, await kit.headersFor("userPool", { expiresInSeconds: 60 }));
    const [code, reason] = (await once(brief, "close")) as [number, Buffer];
    expect([code, String(reason)]).toEqual([1008, "The credentials have expired"]);
    const late = await connect(
      `${await start(kit.auth({ policy }), LateGateway)}/late`,
      await kit.headersFor("userPool", { expiresInSeconds: 60 }),
    );
    expect(late.readyState).toBe(WebSocket.OPEN);
    late.send(JSON.stringify({ event: "who", data: {} }));
    expect((await once(late, "close"))[0]).toBe(1008);
    const long = await connect(`${url}/chat`, await kit.headersFor("userPool", { expiresInSeconds: 7200 }));
    expect(await ask(long, "who")).toMatchObject({ data: { mode: "userPool" } });
  });

  it("ends a connection when its key is deleted, and after 24 hours", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    onTestFinished(() => void vi.useRealTimers());
    const { key, stored } = await newApiKey({ expiresInSeconds: null });
    let found: StoredApiKey | undefined = stored;
    let isUp = true;
    let announce = () => {};
    const onChange = (listener: () => void) => {
      announce = listener;
      return () => {};
    };
    const find = () => {
      if (!isUp) throw new Error("redis is down");
      return found;
    };
    const auth = createAuth([apiKey({ keys: Object.assign(find, { onChange }) })], { policy });
    auth.onEvent(() => {});
    const url = await start(auth, ChatGateway);
    const closing = async () => once(await connect(`${url}/chat`, { "x-api-key": key }), "close");

    const old = closing();
    await ticks(24 * 60);
    expect((await old)[0]).toBe(1008);
    const whileDown = closing();
    await ticks(1);
    isUp = false;
    await ticks(1);
    expect((await whileDown)[0]).toBe(1013);
    isUp = true;
    const revoked = closing();
    await ticks(1);
    found = undefined;
    await ticks(1);
    const [code, reason] = (await revoked) as [number, Buffer];
    expect([code, String(reason)]).toEqual([1008, "The credentials were refused"]);

    found = stored;
    const announced = closing();
    await ticks(1);
    found = undefined;
    announce();
    await ticks(2 / 60);
    expect((await announced)[0]).toBe(1008);
  });

  it("asks a gateway's own verifyClient once it is known who calls", async () => {
    const asked = vi.fn<() => void>();
    @WebSocketGateway({
      path: "/own",
      verifyClient: (_info: unknown, verdict: (accepted: boolean, status: number) => void) => {
        asked();
        verdict(false, 418);
      },
    })
    class OwnGateway {}
    const url = await start(notesAuth().auth, OwnGateway);
    const status = async (headers: Readonly<Record<string, string>>) => {
      const socket = new WebSocket(`${url.replace("http", "ws")}/own`, { headers });
      const [, response] = (await once(socket, "unexpected-response")) as [unknown, IncomingMessage];
      response.resume();
      return response.statusCode;
    };
    expect(await status({})).toBe(401);
    expect(asked).not.toHaveBeenCalled();
    expect(await status(alice)).toBe(418);
  });
});

describe("WebSockets when the app starts", () => {
  async function starting(prepare: (app: INestApplication) => void): Promise<string> {
    const app = await createApp({
      imports: [AuthModesModule.forRoot({ auth: notesAuth().auth })],
      providers: [Notes, ChatGateway],
    });
    prepare(app);
    return listen(app);
  }

  it("tells of an adapter that verifies no handshakes", async () => {
    await expect(starting((app) => void app.useWebSocketAdapter(new WsAdapter(app)))).rejects.toThrow(
      "ChatGateway is a gateway",
    );
  });
});
