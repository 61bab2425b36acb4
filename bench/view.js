/** A request as an adapter shows it, without a server. @param {{ method?: string, target?: string, headers: Record<string, string>, body?: Uint8Array }} parts */
export function viewOf({
  method = "GET",
  target = "/orders/7?expand=lines",
  headers,
  body = new Uint8Array(),
}) {
  const rawHeaders = Object.entries(headers).flat();
  const lower = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return {
    method,
    target,
    host: lower.host,
    rawHeaders,
    exact: true,
    header: (/** @type {string} */ name) => lower[name],
    body: async () => body,
  };
}

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
