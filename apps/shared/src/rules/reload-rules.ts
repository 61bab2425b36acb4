import { watch } from "node:fs";
import { basename, dirname } from "node:path";
import { describeRights, type Policy, PolicyError, type ReloadablePolicy } from "@authmodes/rules";

/**
 * Puts new rules in force if they are valid; otherwise the old ones stay.
 * @param read compiles the file as it is now
 * @returns the changes, a line each: rights that were added after `+`, rights that were removed after `-`
 */
export function reloadRules(rules: ReloadablePolicy, read: () => Policy): readonly string[] {
  try {
    const { widened, narrowed } = rules.replace(read());
    const changes = [
      ...describeRights(widened, "may").map((sentence) => `+ ${sentence}`),
      ...describeRights(narrowed, "may no longer").map((sentence) => `- ${sentence}`),
    ];
    return changes.length === 0 ? ["No access changed."] : changes;
  } catch (error) {
    return [...complaints(error), "The rules stay as they were."];
  }
}

function complaints(error: unknown): readonly string[] {
  if (error instanceof PolicyError) return error.errors.map(({ message, mend }) => `${message} ${mend}`);
  return [error instanceof Error ? error.message : String(error)];
}

/** Milliseconds, because editors write a file in several steps. */
const pause = 100;

/**
 * Calls back when a file was saved, as long as the process runs.
 * @param path of the file; its folder is watched, since editors replace the file
 */
export function whenSaved(path: string, saved: () => void): void {
  let timer: NodeJS.Timeout | undefined;
  watch(dirname(path), { persistent: false }, (_event, name) => {
    if (name !== basename(path)) return;
    clearTimeout(timer);
    timer = setTimeout(saved, pause);
  });
}
