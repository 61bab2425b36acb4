import type { IncomingMessage } from "node:http";
import type { Items, ShopModel } from "@authmodes/app-shared";
import { type Access, Allow, CurrentAccess, type Values } from "@authmodes/nestjs";
import { Controller, Delete, Get, HttpCode, Param, Patch, Post, Req, type Type } from "@nestjs/common";

/**
 * The routes of a model. `@Allow` asks its rules in schema.graphql, such as `type Order @auth(rules: [{ allow: owner }])`:
 * a handler runs only if they allow the request.
 */
export function modelController({ name, path, records }: ShopModel): Type {
  const load = ({ id }: { readonly id: string }) => records.get(id);

  @Controller(path)
  class ModelController {
    @Get()
    @Allow("list", name)
    async list(
      @CurrentAccess() { filter, mask }: Access,
      @Req() { url = "" }: IncomingMessage,
    ): Promise<Items<Values>> {
      const { items, cursor } = await records.list(filter, url);
      return { items: items.map(mask), cursor };
    }

    @Post()
    @Allow("create", name)
    async create(@CurrentAccess() { input, mask }: Access): Promise<Values> {
      return mask(await records.create(input));
    }

    @Get(":id")
    @Allow("get", name, { load })
    get(@CurrentAccess() { record, mask }: Access): Values {
      return mask(record);
    }

    @Patch(":id")
    @Allow("update", name, { load })
    async update(@Param("id") id: string, @CurrentAccess() { input, filter, mask }: Access): Promise<Values> {
      return mask(await records.update(id, input, filter));
    }

    @Delete(":id")
    @HttpCode(204)
    @Allow("delete", name, { load })
    async remove(@Param("id") id: string, @CurrentAccess() { filter }: Access): Promise<void> {
      await records.remove(id, filter);
    }
  }
  return ModelController;
}
