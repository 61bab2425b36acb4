import type { ReactNode } from "react";
import { withAuth } from "../../../pages.ts";

export const dynamic = "force-dynamic";

/** A mistake: pages are not called with a request. */
const page: unknown = withAuth(() => Response.json("never"));

export default page as () => ReactNode;
