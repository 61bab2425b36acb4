import { databaseTemplate } from "./database.ts";

// Part of the build, so that the first start is as fast as later ones.
if (process.env["DATABASE_URL"] === undefined) await databaseTemplate();
