/**
 * A package that tests can do without; undefined where it is not installed. Its types are not there either, so the test
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
