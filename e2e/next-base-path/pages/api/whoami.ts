import { text } from "node:stream/consumers";
import { withApiAuth } from "../../lib/auth.ts";

/** Next would parse the body before its signature is verified. */
export const config = { api: { bodyParser: false } };

export default withApiAuth(async (request, response, { identity, view }) => {
  response.json({ id: identity.id, target: view.target, exact: view.exact, body: await text(request) });
});
