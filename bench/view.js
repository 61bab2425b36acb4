/** What a browser sends along, so that looking a header up costs what it costs. */
export const browserHeaders = {
  Host: "api.example.com",
  Connection: "keep-alive",
  Accept: "application/json",
  "Accept-Encoding": "gzip, deflate, br",
  "Accept-Language": "en-GB,en;q=0.9",
  "User-Agent":
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36",
  Origin: "https://app.example.com",
  Referer: "https://app.example.com/",
  "Sec-Fetch-Site": "same-site",
  "Sec-Fetch-Mode": "cors",
  "Sec-Fetch-Dest": "empty",
};

/**
 * Makes requests as an adapter shows them, without a server. Headers are made ready outside the measured time, as
 * Node's parser makes them ready before an adapter sees the request.
 * @param {{ method?: string, headers: Record<string, string>, body?: Uint8Array }} parts
 * @returns {(authorization?: string) => import("@authmodes/core").RequestView} one more request; with another Authorization
 */
export function requestsLike({ method = "GET", headers, body = new Uint8Array() }) {
  const rawHeaders = Object.entries({ ...headers, ...browserHeaders }).flat();
  const byName = Object.fromEntries(
    Object.entries({ ...headers, ...browserHeaders }).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return (authorization = byName.authorization) => ({
    method,
    target: "/orders/7?expand=lines",
    host: byName.host,
    rawHeaders,
    exact: true,
    header: (/** @type {string} */ name) => (name === "authorization" ? authorization : byName[name]),
    body: async () => body,
  });
}
