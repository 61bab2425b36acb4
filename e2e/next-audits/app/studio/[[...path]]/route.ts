import { createStudio, type StudioOptions } from "@authmodes/studio";

// What an app writes is `const studio = createStudio({ … })`; here the test says with what, after Next built this.
const options = (globalThis as { readonly studio?: StudioOptions }).studio;
const studio = options && createStudio(options);

async function handle(request: Request): Promise<Response> {
  return studio?.fetch(request) ?? new Response(null, { status: 404 });
}

export const GET = handle;
export const PUT = handle;
export const POST = handle;
