import { contract } from "@authmodes/app-contract";
import { app as expressApp } from "@authmodes/app-express";
import { app } from "@authmodes/app-next";

// What the other apps pass among the tests that need no build.

const because = "Next serves one shop a process";

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
