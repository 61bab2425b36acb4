import "reflect-metadata";
import { Controller, Get, UseGuards } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { audience, createBenchAuth, issuer, kind, publicKey, serving } from "./setting.js";

class AnswerController {
  answer() {
    return { ok: true };
  }
}
const { prototype } = AnswerController;
// What decorators do, which plain JavaScript does not have.
Get()(prototype, "answer", Object.getOwnPropertyDescriptor(prototype, "answer") ?? {});
Controller()(AnswerController);

async function imports() {
  if (kind === "authmodes") {
    const adapter = await import("@authmodes/nestjs");
    return [adapter.AuthModesModule.forRoot({ auth: createBenchAuth(adapter) })];
  }
  if (kind === "@nestjs/passport") {
    const { default: passport } = await import("passport");
    const { Strategy, ExtractJwt } = (await import("passport-jwt")).default;
    const { AuthGuard } = await import("@nestjs/passport");
    const jwtFromRequest = ExtractJwt.fromAuthHeaderAsBearerToken();
    const options = { jwtFromRequest, secretOrKey: publicKey, algorithms: ["RS256"], issuer, audience };
    passport.use(new Strategy(options, (claims, done) => done(null, claims)));
    UseGuards(AuthGuard("jwt"))(AnswerController);
  }
  // Nest's own price of a guard.
  if (kind === "empty guard") UseGuards({ canActivate: () => true })(AnswerController);
  return [];
}

class AppModule {
  name = "bench";
}
const module = { module: AppModule, imports: await imports(), controllers: [AnswerController] };
const app = await NestFactory.create(module, { logger: false });
await app.listen(0, "127.0.0.1");
serving(app.getHttpServer());
