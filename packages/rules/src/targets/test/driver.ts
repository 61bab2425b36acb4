/**
 * An optional package of a test; undefined if it is not installed. Its types are missing then as well, so that the test
 * says what it uses.
 */
export async function driver<Module>(name: string): Promise<Module | undefined> {
  try {
    return (await import(/* @vite-ignore */ name)) as Module;
  } catch (error) {
    if (
      error instanceof Error &&
      /Cannot find|Failed to (load|resolve)|ERR_MODULE_NOT_FOUND/.test(error.message)
    ) {
      return undefined;
    }
    throw error;
  }
}
