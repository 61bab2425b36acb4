import { CurrentIdentity, type Identity, Modes } from "@authmodes/nestjs";
import { Body, Controller, Get, Post } from "@nestjs/common";

@Controller()
export class AppController {
  @Get("whoami")
  whoami(@CurrentIdentity() identity: Identity) {
    return { mode: identity.mode };
  }

  @Post("orders")
  @Modes("iam")
  order(@Body() body: unknown, @CurrentIdentity() identity: Identity) {
    return { mode: identity.mode, body };
  }
}
