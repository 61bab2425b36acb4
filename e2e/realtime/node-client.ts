import { WebSocket } from "ws";
import { functions } from "./client.ts";
import { answerCalls } from "./remote.ts";

// The app in a process of Node.

// Node 20 has none.
globalThis.WebSocket ??= WebSocket as unknown as typeof globalThis.WebSocket;

answerCalls(functions);
