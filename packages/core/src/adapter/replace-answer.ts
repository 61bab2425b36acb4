/** Whether a header of an answer stays if a rejection replaces it: without these a page of another origin could not read it. */
export function isForBrowsers(name: string): boolean {
  return name.startsWith("access-control-") || name === "vary";
}
