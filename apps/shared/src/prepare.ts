import { prepareTemplate } from "./database.ts";

// Part of the build: the first start is as quick as the others.
if (process.env["DATABASE_URL"] === undefined) await prepareTemplate();
