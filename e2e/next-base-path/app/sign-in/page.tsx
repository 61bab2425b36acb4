import type { ReactNode } from "react";

interface Props {
  readonly searchParams: Promise<{ readonly next?: string }>;
}

export default async function SignIn({ searchParams }: Props): Promise<ReactNode> {
  const { next } = await searchParams;
  return <h1>Sign in, then go to {next}</h1>;
}
