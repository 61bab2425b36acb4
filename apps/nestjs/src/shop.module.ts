import type { Shop } from "@authmodes/app-shared";
import { type Auth, AuthModesModule, type Identity } from "@authmodes/nestjs";
import { type DynamicModule, Module } from "@nestjs/common";
import { EndpointsController } from "./endpoints.controller.ts";
import { modelController } from "./model.controller.ts";
import { OpenController } from "./open.controller.ts";
import { SuppliersController } from "./suppliers.controller.ts";
import { SHOP } from "./shop.ts";
import { WhoamiController } from "./whoami.controller.ts";

@Module({ controllers: [OpenController, WhoamiController, SuppliersController, EndpointsController] })
export class ShopModule {
  static forRoot(shop: Shop, auth: Auth<Identity>): DynamicModule {
    return {
      module: ShopModule,
      imports: [AuthModesModule.forRoot({ auth })],
      controllers: shop.models.map(modelController),
      providers: [{ provide: SHOP, useValue: shop }],
    };
  }
}
