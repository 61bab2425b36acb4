import { Controller, type INestMicroservice, Module, type Type } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import {
  type ClientProxy,
  ClientProxyFactory,
  EventPattern,
  MessagePattern,
  type MicroserviceOptions,
  type TcpOptions,
  Transport,
} from "@nestjs/microservices";
import type { AddressInfo, Server } from "node:net";
import { firstValueFrom } from "rxjs";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  type Access,
  Allow,
  AllowAnonymous,
  AuthModesModule,
  type AuthModesOptions,
  CurrentAccess,
  CurrentIdentity,
  type IdentityBase,
  loadFrom,
} from "./index.ts";
import { createApp, listen } from "./test/apps.ts";
import { alice, Notes, notesAuth } from "./test/notes.ts";

const happened = vi.fn<() => void>();
const openHappened = vi.fn<() => void>();

@Controller()
class NotesController {
  @MessagePattern("open")
  @AllowAnonymous()
  open() {
    return "open";
  }

  @MessagePattern("plain")
  plain() {
    return "plain";
  }

  @MessagePattern("who")
  who(@CurrentIdentity() { id }: IdentityBase) {
    return id;
  }

  @MessagePattern("note")
  @Allow("get", "Note", { load: loadFrom(Notes, (notes, { id }) => notes.find(id)) })
  note(@CurrentAccess() { record }: Access) {
    return record;
  }

  @EventPattern("event")
  event(_data: unknown) {
    happened();
  }
}

@Controller()
class OpenEvents {
  @EventPattern("event")
  @AllowAnonymous()
  event(_data: unknown) {
    openHappened();
  }
}

const closing: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

const tcp: TcpOptions = { transport: Transport.TCP, options: { host: "127.0.0.1", port: 0 } };

function notesModule(options: Partial<AuthModesOptions> = {}): Type {
  @Module({
    imports: [AuthModesModule.forRoot({ auth: notesAuth().auth, ...options })],
    controllers: [OpenEvents, NotesController],
    providers: [Notes],
  })
  class NotesModule {}
  return NotesModule;
}

function client(service: INestMicroservice) {
  const { port } = service.unwrap<Server>().address() as AddressInfo;
  const options = { host: "127.0.0.1", port };
  const proxy: ClientProxy = ClientProxyFactory.create({ transport: Transport.TCP, options });
  closing.push(() => proxy.close());
  const send = (pattern: string, data: unknown = {}): Promise<unknown> =>
    firstValueFrom(proxy.send(pattern, data));
  const emit = (event: string, data: unknown): Promise<unknown> =>
    firstValueFrom(proxy.emit(event, data), { defaultValue: undefined });
  return Object.assign(send, { emit });
}

const credentials: NonNullable<AuthModesOptions["messageHeaders"]> = (context) => ({
  "x-api-key": context.switchToRpc().getData<{ readonly key?: string }>().key,
});
const key = alice["x-api-key"];

describe("a microservice", () => {
  async function start(options?: Partial<AuthModesOptions>) {
    const service = await NestFactory.createMicroservice<MicroserviceOptions>(notesModule(options), {
      ...tcp,
      logger: false,
      abortOnError: false,
    });
    closing.push(() => service.close());
    await service.listen();
    return client(service);
  }

  it("serves nobody but with @AllowAnonymous() where messages have no credentials", async () => {
    const send = await start();
    expect(await send("open")).toBe("open");
    for (const pattern of ["plain", "who", "note"]) {
      await expect(send(pattern, { key })).rejects.toMatchObject({
        status: "error",
        code: "credentials_missing",
      });
    }
  });

  it("verifies the credentials that it is told to find", async () => {
    const send = await start({ messageHeaders: credentials });
    expect(await send("who", { key })).toBe("alice");
    await expect(send("plain", { key: "wrong" })).rejects.toMatchObject({ code: "credentials_refused" });
    await expect(send("plain")).rejects.toMatchObject({ code: "credentials_missing" });
  });

  it("verifies an event for each of its handlers, also behind an open one", async () => {
    for (const mock of [happened, openHappened]) mock.mockClear();
    const { emit } = await start({ messageHeaders: credentials });
    await emit("event", { key });
    await vi.waitUntil(() => happened.mock.calls.length === 1);
    expect(openHappened).toHaveBeenCalledTimes(1);
  });

  it("asks the rules", async () => {
    const send = await start({ messageHeaders: credentials });
    expect(await send("note", { key, id: "mine" })).toMatchObject({ owner: "alice" });
    await expect(send("note", { key, id: "theirs" })).rejects.toMatchObject({ code: "forbidden" });
  });

  it("lets nobody in where finding the credentials fails", async () => {
    const send = await start({
      messageHeaders: () => {
        throw new Error("out of order");
      },
    });
    await expect(send("plain", { key })).rejects.toMatchObject({ status: "error" });
  });
});

describe("a hybrid app", () => {
  async function start(inheritAppConfig: boolean) {
    const app = await createApp({ imports: [notesModule({ messageHeaders: credentials })] });
    const service = app.connectMicroservice(tcp, { inheritAppConfig });
    await app.startAllMicroservices();
    await listen(app);
    return client(service);
  }

  it("guards its messages where they have the app's guards", async () => {
    const send = await start(true);
    expect(await send("who", { key })).toBe("alice");
    await expect(send("plain")).rejects.toMatchObject({ code: "credentials_missing" });
  });

  it("serves no message at all where they have not", async () => {
    happened.mockClear();
    const send = await start(false);
    for (const pattern of ["plain", "who", "open", "event"]) {
      await expect(send(pattern, { key })).rejects.toMatchObject({ status: "error" });
    }
    expect(happened).not.toHaveBeenCalled();
  });
});
