/** A WebSocket adapter that verifies handshakes. */
export interface HandshakeAdapter {
  readonly verifiesHandshakes: true;
}

export function isHandshakeAdapter(adapter: unknown): adapter is HandshakeAdapter {
  return typeof adapter === "object" && adapter !== null && "verifiesHandshakes" in adapter;
}
