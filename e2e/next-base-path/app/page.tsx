import Link from "next/link";
import type { ReactNode } from "react";

export default function Home(): ReactNode {
  return (
    <Link href="/account" prefetch={false}>
      Your account
    </Link>
  );
}
