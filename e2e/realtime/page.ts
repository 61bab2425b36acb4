import { type ClientFunctions, functions } from "./client.ts";

// The app in a page.

declare global {
  var realtimeClient: ClientFunctions;
}

globalThis.realtimeClient = functions;
