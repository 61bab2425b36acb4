import type { ReactNode } from "react";

interface RequestProps {
  readonly method: string;
  readonly path: string;
  readonly body?: object;
}

/** The same attempt as a request to the routes, for a shell. The token stays in the cookie: `TOKEN` stands for it. */
export function AsRequest({ method, path, body }: RequestProps): ReactNode {
  const lines = [
    `curl -X ${method} http://127.0.0.1:4000${path}`,
    '-H "authorization: $TOKEN"',
    ...(body === undefined
      ? []
      : ["-H 'content-type: application/json'", `--data-raw '${JSON.stringify(body)}'`]),
  ];
  return (
    <details>
      <summary>As a request</summary>
      <pre tabIndex={0}>{lines.join(" \\\n  ")}</pre>
    </details>
  );
}
