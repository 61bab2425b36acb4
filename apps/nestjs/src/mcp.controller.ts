import type { ServerResponse } from "node:http";
import type { Shop } from "@authmodes/app-shared";
import { AUTH, type Auth, CurrentView, type Identity, type RequestView } from "@authmodes/nestjs";
import { All, Body, Controller, Inject, Res } from "@nestjs/common";
import { SHOP } from "./shop.ts";

@Controller("mcp")
export class McpController {
  readonly #shop: Shop;
  readonly #auth: Auth<Identity>;

  constructor(@Inject(SHOP) shop: Shop, @Inject(AUTH) auth: Auth<Identity>) {
    this.#shop = shop;
    this.#auth = auth;
  }

  @All()
  async answer(
    @CurrentView() view: RequestView,
    @Body() request: unknown,
    @Res() response: ServerResponse,
  ): Promise<void> {
    const { status, headers, body } = await this.#shop.mcp(this.#auth, view, request);
    response.writeHead(status, headers).end(body);
  }
}
