import { createNextAuth } from "@authmodes/next";
import { auditedApp } from "./audited.ts";

/** Made when a page first asks: the test gives all that render pages one auth. */
export const { identity, access, withAuth } = createNextAuth(() => auditedApp().auth);
