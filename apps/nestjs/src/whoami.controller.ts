import type { IncomingMessage } from "node:http";
import { countBytes, describeIdentity } from "@authmodes/app-shared";
import { CurrentIdentity, type Identity } from "@authmodes/nestjs";
import { All, Controller, HttpCode, Req } from "@nestjs/common";

@Controller("whoami")
export class WhoamiController {
  @All(["", "*path"])
  @HttpCode(200)
  async whoami(@CurrentIdentity() identity: Identity, @Req() request: IncomingMessage): Promise<object> {
    return { ...describeIdentity(identity), bytes: await countBytes(request) };
  }
}
