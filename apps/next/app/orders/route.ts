import { collection } from "../../lib/models.ts";

export const { GET, POST, PUT, PATCH, DELETE } = collection("Order");
