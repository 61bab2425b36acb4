import { bookstore } from "../../../../src/bookstore.ts";

const metadata = (request: Request): Response => bookstore().mcpMetadata(request);

export { metadata as GET, metadata as OPTIONS };
