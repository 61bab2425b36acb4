import type { ServerResponse } from "node:http";
import type { Shop } from "@authmodes/app-shared";
import { AUTH, type Auth, CurrentView, type Identity, type RequestView } from "@authmodes/nestjs";
import { Body, Controller, Inject, Post, Res } from "@nestjs/common";
import { SHOP } from "./shop.ts";

@Controller("graphql")
export class GraphqlController {
  readonly #shop: Shop;
  readonly #auth: Auth<Identity>;

  constructor(@Inject(SHOP) shop: Shop, @Inject(AUTH) auth: Auth<Identity>) {
    this.#shop = shop;
    this.#auth = auth;
  }

  @Post()
  async execute(
    @CurrentView() view: RequestView,
    @Body() request: unknown,
    @Res() response: ServerResponse,
  ): Promise<void> {
    const { status, headers, body } = await this.#shop.graphql(this.#auth, view, request);
    response.writeHead(status, headers).end(body);
  }
}
