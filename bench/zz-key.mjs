import { key } from "./verification.js";
const r = await key();
for (const n of Object.keys(r.micros))
  console.log(n.padEnd(20), r.micros[n].toFixed(2), "beyond", r.beyond(n, "bare handler").toFixed(2));
