import { noSuchRoute } from "../../lib/replies.ts";

export {
  noSuchRoute as DELETE,
  noSuchRoute as GET,
  noSuchRoute as OPTIONS,
  noSuchRoute as PATCH,
  noSuchRoute as POST,
  noSuchRoute as PUT,
};
