// Apart from what verifies: who only verifies does not hold what signs.
export * from "@authmodes/core/outbound";
