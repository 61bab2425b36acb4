import { relative } from "node:path";
import { API, type Checker, SignatureKind, type Symbol, SymbolFlags } from "typescript/unstable/sync";
import { entryPoints } from "./entry-points.js";
import { root } from "./files.js";

// What the packages export, as the compiler sees it. Its interface is not stable yet; its version is pinned.

export interface PublicSymbol {
  /** The folder of the package that exports it. */
  readonly package: string;
  /** The first entry point that exports it, such as `@authmodes/core/outbound`. */
  readonly from: string;
  /** Below an exported namespace with its name: `outbound.iam`. */
  readonly name: string;
  /** The source that declares it, from the root of the repository. */
  readonly file: string;
  readonly isFunction: boolean;
  /** Exists for the compiler alone. */
  readonly isType: boolean;
  readonly isDescribed: boolean;
  readonly hasExample: boolean;
}

/** What each package exports. A symbol that several entry points export is in the list once for each package. */
export function publicSymbols(): readonly PublicSymbol[] {
  const api = new API({ cwd: root });
  try {
    const [project] = api.updateSnapshot({ openProjects: [`${root}tsconfig.json`] }).getProjects();
    if (project === undefined) throw new Error("tsconfig.json cannot be opened");
    const { checker, program } = project;
    const found = new Map<string, PublicSymbol>();
    for (const { name: from, package: folder, file } of entryPoints()) {
      const source = program.getSourceFile(file);
      const module = source && checker.getSymbolAtLocation(source);
      if (module === undefined) throw new Error(`${file} is no module`);
      for (const [name, symbol] of exportsOf(checker, module, "")) {
        const key = `${folder} ${name}`;
        if (!found.has(key)) found.set(key, { package: folder, from, name, ...described(checker, symbol) });
      }
    }
    return [...found.values()];
  } finally {
    api.close();
  }
}

function exportsOf(checker: Checker, module: Symbol, prefix: string): readonly (readonly [string, Symbol])[] {
  return checker.getExportsOfModule(module).flatMap((exported) => {
    const symbol = exported.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    const name = prefix + exported.name;
    return symbol.flags & SymbolFlags.ValueModule
      ? exportsOf(checker, symbol, `${name}.`)
      : [[name, symbol] as const];
  });
}

function described(checker: Checker, symbol: Symbol): Omit<PublicSymbol, "package" | "from" | "name"> {
  const isType = (symbol.flags & SymbolFlags.Value) === 0;
  const isClass = (symbol.flags & SymbolFlags.Class) !== 0;
  const type = isType || isClass ? undefined : checker.getTypeOfSymbol(symbol);
  const signatures = type === undefined ? [] : checker.getSignaturesOfType(type, SignatureKind.Call);
  return {
    file: relative(root, symbol.declarations[0]?.path ?? ""),
    isType,
    isFunction: signatures.length > 0,
    isDescribed: symbol.getDocumentationComment(checker).trim() !== "",
    hasExample: symbol.getJsDocTags(checker).some(({ name }) => name === "example"),
  };
}
