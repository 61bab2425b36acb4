export { createStudio } from "./create.ts";
export type { StudioHandler } from "./create.ts";
export type { StudioOptions } from "./options.ts";
