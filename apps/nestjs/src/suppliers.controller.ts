import type { Shop } from "@authmodes/app-shared";
import { CurrentView, Groups, Modes, type RequestView } from "@authmodes/nestjs";
import { createAuthFetch, outbound } from "@authmodes/nestjs/outbound";
import { Controller, Get, Inject, Param } from "@nestjs/common";
import { SHOP } from "./shop.ts";

/** Calls the supplier in the requested mode. */
@Controller("suppliers")
@Modes("userPool")
@Groups("Librarians")
export class SuppliersController {
  readonly #shop: Shop;

  constructor(@Inject(SHOP) shop: Shop) {
    this.#shop = shop;
  }

  @Get(":mode")
  async ask(@Param("mode") mode: string, @CurrentView() view: RequestView): Promise<object> {
    const { origin, urlFor, sourceFor } = this.#shop.supplier;
    const source = mode === "forward" ? outbound.forward(view) : sourceFor(mode);
    const callSupplier = createAuthFetch(source, { origins: [origin] }); // no other origin gets the credentials
    const answer = await callSupplier(urlFor(mode));
    return { status: answer.status, body: await answer.json() };
  }
}
