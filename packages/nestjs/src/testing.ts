import type { Auth, AuthOptions, Identity } from "@authmodes/core";
import { createTestKit, type TestKit, type TestKitOptions } from "@authmodes/testing";
import type { TestingModuleBuilder } from "@nestjs/testing";
import { AUTH } from "./auth-modes.options.ts";

export interface TestAuthOptions extends TestKitOptions {
  /** What the app gives `createAuth` besides its modes: `policy`, `errorFormat`, … */
  readonly auth?: Omit<AuthOptions, "requires" | "reportOnly" | "clock">;
}

export interface TestAuth {
  /** Makes credentials of every mode: `await kit.headersFor("userPool", { username: "alice" })`. */
  readonly kit: TestKit;
  /** What the app verifies with now: all six modes. */
  readonly auth: Auth<Identity>;
}

/**
 * Lets an app under test accept the credentials of a test kit, of every mode, in place of its own:
 *
 * ```ts
 * const builder = Test.createTestingModule({ imports: [AppModule] });
 * const { kit } = await overrideAuth(builder, { auth: { policy } });
 * const app = (await builder.compile()).createNestApplication();
 * ```
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
