/** Injects the `Shop` of this instance. */
export const SHOP: unique symbol = Symbol("Shop");
