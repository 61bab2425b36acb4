import { record } from "../../../lib/models.ts";

export const { GET, POST, PUT, PATCH, DELETE } = record("Employee");
