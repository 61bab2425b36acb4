import { contract } from "@authmodes/app-contract";
import { app as expressApp } from "@authmodes/app-express";
import { app } from "@authmodes/app-next";

// The contract of the other apps, here because Next.js has to be built.

const because = "Next serves one shop per process";

contract(app, {
  supplier: expressApp,
  exceptions: {
    page: { because: "the app has pages of its own" },
    formats: { because },
    studio: { because },
    shutdown: { because },
    table: { because },
  },
});
