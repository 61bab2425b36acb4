import type { Shop } from "@authmodes/app-shared";
import { CurrentView, Groups, Modes, type RequestView } from "@authmodes/nestjs";
import { Controller, Get, Inject, Param } from "@nestjs/common";
import { SHOP } from "./shop.ts";

/** Calls the supplier in the mode that is asked for. */
@Controller("suppliers")
@Modes("userPool")
@Groups("Librarians")
export class SuppliersController {
  readonly #shop: Shop;

  constructor(@Inject(SHOP) shop: Shop) {
    this.#shop = shop;
  }

  @Get(":mode")
  ask(@Param("mode") mode: string, @CurrentView() view: RequestView): Promise<object> {
    return this.#shop.askSupplier(mode, view);
  }
}
