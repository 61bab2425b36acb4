import type { ServerResponse } from "node:http";
import type { HttpReply, Shop } from "@authmodes/app-shared";
import { AUTH, type Auth, CurrentView, type Identity, type RequestView } from "@authmodes/nestjs";
import { All, Body, Controller, Inject, Post, Res } from "@nestjs/common";
import { SHOP } from "./shop.ts";

/** Endpoints with a protocol of their own: GraphQL, and tools for MCP clients. Both ask the rules of the models. */
@Controller()
export class EndpointsController {
  readonly #shop: Shop;
  readonly #auth: Auth<Identity>;

  constructor(@Inject(SHOP) shop: Shop, @Inject(AUTH) auth: Auth<Identity>) {
    this.#shop = shop;
    this.#auth = auth;
  }

  @Post("graphql")
  async graphql(
    @CurrentView() view: RequestView,
    @Body() body: unknown,
    @Res() response: ServerResponse,
  ): Promise<void> {
    send(response, await this.#shop.graphql(this.#auth, view, body));
  }

  @All("mcp")
  async mcp(
    @CurrentView() view: RequestView,
    @Body() body: unknown,
    @Res() response: ServerResponse,
  ): Promise<void> {
    send(response, await this.#shop.mcp(this.#auth, view, body));
  }
}

function send(response: ServerResponse, { status, headers, body }: HttpReply): void {
  response.writeHead(status, headers).end(body);
}
