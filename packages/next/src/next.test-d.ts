// Misuse that must not compile. Checked by `npm run check:types`; nothing here runs.
import { apiKey, createAuth, createNextAuth, iam } from "./index.ts";

const { withApiAuth, withAuth } = createNextAuth(
  createAuth([apiKey({ keys: [] }), iam({ region: "us-east-1", credentials: () => undefined })]),
);

withApiAuth({ modes: ["iam"] }, (_request, _response, { identity }) => identity.userArn);
// @ts-expect-error the caller may have an API key
withApiAuth((_request, _response, { identity }) => identity.userArn);
// @ts-expect-error a mode that the auth does not have
withApiAuth({ modes: ["oidc"] }, () => {});
// @ts-expect-error misspelt
withApiAuth({ group: ["Staff"] }, () => {});
// @ts-expect-error an API route answers by its response
withAuth((_request, response: { json(body: unknown): void }) => response.json({}));
