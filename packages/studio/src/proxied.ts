import type { Call } from "./call.ts";

// Recognizes requests that passed a proxy. Browsers do not send these headers, and web pages cannot set them.

/** Headers that proxies, load balancers, tunnels and content delivery networks add. A `*` stands for any ending. */
const proxyHeaders = [
  "forwarded",
  "via",
  "x-forwarded*", // nginx, Apache, Caddy, Traefik, HAProxy, ngrok, load balancers
  "x-original-*", // nginx ingress, IIS
  "x-real-*",
  "x-client-ip",
  "x-cluster-client-ip",
  "client-ip",
  "true-client-*", // Akamai, Cloudflare
  "x-proxyuser-ip",
  "proxy-*",
  "wl-proxy-*", // WebLogic
  "x-scheme",
  "x-url-scheme",
  "front-end-https",
  "x-envoy-*",
  "x-varnish",
  "x-arr-*", // IIS
  "x-azure-*",
  "x-appengine-*",
  "x-cloud-trace-context", // Google Cloud
  "x-amzn-*", // AWS load balancers
  "x-amz-cf-*", // CloudFront
  "cloudfront-*",
  "cf-*", // Cloudflare
  "cdn-loop",
  "fastly-*",
  "akamai-*",
  "x-akamai-*",
  "fly-*",
  "x-vercel-*",
  "x-nf-*", // Netlify
  "tailscale-*",
];
const proxyHeader = new RegExp(`^(?:${proxyHeaders.join("|").replaceAll("*", ".*")})$`, "i");

/** Whether the request shows that it passed a proxy. nginx speaks HTTP/1.0 by default. */
export function isProxied({ view, httpVersion }: Call): boolean {
  const isNamed = view.rawHeaders.some((text, i) => i % 2 === 0 && proxyHeader.test(text));
  return isNamed || httpVersion === "1.0";
}
