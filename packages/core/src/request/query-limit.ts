/**
 * How many parameters a query may have where the decision depends on it. It is what the parsers of Express (`qs`) and
 * Node (`querystring`) read at most: an application would not see any parameter beyond.
 */
export const maxParameters = 1000;

export function hasTooManyParameters(query: string): boolean {
  return query.split("&", maxParameters + 1).length > maxParameters;
}
