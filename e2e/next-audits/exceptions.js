/**
 * What Next's server answers before a route gets the request: it redirects to the path as it would have it, and
 * there the signature is of no use.
 * @type {Readonly<Record<string, import("@authmodes/testing/audits").AuditException>>}
 */
export const exceptions = {
  "71b0": {
    status: 500,
    because: "the app under audit calls allow() for each request; at a route it throws",
  },
  "48af": { status: 200, because: "Next builds for production" },
  "8d4c": {
    status: 500,
    because: "the app under audit calls withAuth() for each request; at a route it throws",
  },
  b9e2: {
    status: 500,
    because: "the app under audit calls withAuth() for each request; at a route it throws",
  },
  d350: { status: 308, because: "Next redirects a path with a slash at its end to the one without" },
  "97cb": { status: 308, because: "Next redirects paths with dot segments or // to the resolved path" },
  "46a2": { status: 308, because: "Next redirects a target with a host, by the // in it" },
};

/** Routes of Next are files: no guard notes anything for tools. Its allow() verifies by itself. */
export const inapplicable = ["0f5e", "3fe7"];
