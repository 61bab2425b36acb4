/** The `Shop` that this instance works with. */
export const SHOP: unique symbol = Symbol("Shop");
