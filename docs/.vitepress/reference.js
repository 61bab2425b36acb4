// Writes the API reference, as Markdown in docs/api, from the docstrings: a page for each entry point of each package.
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Application, Converter } from "typedoc";
import { entryPoints } from "../../scripts/entry-points.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const out = `${root}docs/api`;

const app = await Application.bootstrapWithPlugins({
  name: "authmodes",
  plugin: ["typedoc-plugin-markdown"],
  entryPoints: entryPoints().map(({ file }) => file),
  tsconfig: `${root}docs/tsconfig.json`,
  basePath: root,
  readme: "none",
  disableSources: true,
  excludeInternal: true,
  excludeExternals: true,
  excludePrivate: true,
  out,
  router: "module",
  entryFileName: "index",
  hidePageHeader: true,
  hideBreadcrumbs: true,
  useCodeBlocks: true,
  sanitizeComments: true,
  parametersFormat: "table",
  interfacePropertiesFormat: "table",
  classPropertiesFormat: "table",
  typeAliasPropertiesFormat: "table",
  enumMembersFormat: "table",
  treatWarningsAsErrors: false,
});

// A module is called what users import, not as its file.
const names = new Map(entryPoints().map(({ name, file }) => [file, name]));
app.converter.on(Converter.EVENT_CREATE_DECLARATION, (context, reflection) => {
  const name = names.get(context.getSymbolFromReflection(reflection)?.declarations?.[0]?.fileName ?? "");
  if (name !== undefined) reflection.name = name;
});

const project = await app.convert();
if (project === undefined) process.exit(1);
rmSync(out, { recursive: true, force: true });
await app.generateOutputs(project);
process.exitCode = app.logger.hasErrors() ? 1 : 0;
