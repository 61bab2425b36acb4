import type { Auth, AuthOptions, Identity } from "@authmodes/core";
import { createTestKit, type TestKit, type TestKitOptions } from "@authmodes/testing";
import type { TestingModuleBuilder } from "@nestjs/testing";
import { AUTH } from "./auth-modes.options.ts";

/** Options of `overrideAuth`. */
export interface TestAuthOptions extends TestKitOptions {
  /** The options that the app passes to `createAuth`: `policy`, `errorFormat`, … */
  readonly auth?: Omit<AuthOptions, "requires" | "reportOnly" | "clock">;
}

/** The kit and the auth of an app under test. */
export interface TestAuth {
  /** Makes credentials of every mode: `await kit.headersFor("userPool", { username: "alice" })`. */
  readonly kit: TestKit;
  /** The auth that the app now uses, with all six modes. */
  readonly auth: Auth<Identity>;
}

/**
 * Replaces the auth of an app under test by one that accepts the credentials of a test kit, of every mode.
 * @example
 * import { AuthModesModule, createAuth, none } from "@authmodes/nestjs";
 * import { overrideAuth } from "@authmodes/nestjs/testing";
 * import { Test } from "@nestjs/testing";
 *
 * const AppModule = AuthModesModule.forRoot({ auth: createAuth([none()]) }); // the module of your app
 * const builder = Test.createTestingModule({ imports: [AppModule] });
 * const { kit } = await overrideAuth(builder);
 * const app = (await builder.compile()).createNestApplication();
 * const headers = await kit.headersFor("userPool", { groups: ["Staff"] });
 */
export async function overrideAuth(
  builder: TestingModuleBuilder,
  { auth: authOptions, ...kitOptions }: TestAuthOptions = {},
): Promise<TestAuth> {
  const kit = await createTestKit(kitOptions);
  const auth = kit.auth(authOptions);
  builder.overrideProvider(AUTH).useValue(auth);
  return { kit, auth };
}
