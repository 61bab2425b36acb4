import { apiKey, AuthModesModule, createAuth } from "@authmodes/nestjs";
import { Module } from "@nestjs/common";
import { AppController } from "./app.controller";

const auth = createAuth([apiKey({ keys: () => undefined })]);

@Module({ imports: [AuthModesModule.forRoot({ auth })], controllers: [AppController] })
export class AppModule {}
