// Makes keys in a file until it is killed, and says of each that it was made.
import { fileStore, openKeys } from "@authmodes/keys";

const [path = ""] = process.argv.slice(2);
const keys = await openKeys(fileStore(path));
for (;;) {
  const { id } = await keys.create({ name: "a" });
  // Synchronous for a pipe: once it is printed, the parent sees it.
  process.stdout.write(`${id}\n`);
}
