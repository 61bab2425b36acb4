import type { Reasons } from "./meaning.ts";

// What several modes may find.

export const bodyReasons: Reasons = {
  body_too_large: ["the body is over the server's cap", "send less, or say maxBodyBytes"],
  body_cut: [
    "the body did not arrive whole",
    "send it again; a proxy.ts of Next.js cuts bodies, see experimental.proxyClientMaxBodySize",
  ],
  body_timeout: ["the body stopped arriving: 30 seconds without a byte, or 300 in total", "send it again"],
};

export const queryReasons: Reasons = {
  parameters_too_many: ["the query has more than 1,000 parameters", "send fewer, or send them in a body"],
};

export const signatureReasons: Reasons = {
  signature_mismatch: [
    "the signature does not hold",
    "compare the texts below with those of the client: what differs was changed after signing, or signed otherwise",
  ],
};
