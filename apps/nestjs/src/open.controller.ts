import { AllowAnonymous, CurrentIdentity, type Identity, Modes } from "@authmodes/nestjs";
import { Controller, Get } from "@nestjs/common";
import { identifying } from "./auth.ts";

/** Routes that are open to callers without credentials. */
@Controller()
export class OpenController {
  @Get("health")
  @AllowAnonymous()
  health(): { readonly ok: true } {
    return { ok: true };
  }

  @Get("public/ping")
  @Modes(...identifying, "none")
  ping(@CurrentIdentity() { mode }: Identity): Pick<Identity, "mode"> {
    return { mode };
  }
}
