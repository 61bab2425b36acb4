/** A project as the generator of a framework makes it, without its linter, formatter and tests. */
export interface Stock {
  readonly files: Readonly<Record<string, string>>;
  /** How it is compiled: `tsc` is this repository's, without output. */
  readonly compile: string | undefined;
  /** The folder of its modules. */
  readonly folder: string;
}

export type Extension = "ts" | "js";

/** For a server that node starts: an empty folder, with TypeScript's strict options. */
function ownServer(extension: Extension): Stock {
  if (extension === "js") return { files: {}, compile: undefined, folder: "" };
  const compilerOptions = {
    target: "es2023",
    module: "nodenext",
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    types: ["node"],
  };
  return { files: { "tsconfig.json": json({ compilerOptions }) }, compile: "tsc", folder: "" };
}

/** `nest new` of NestJS 11: CommonJS modules, `nodenext`. */
function nestTs(): Stock {
  const compilerOptions = {
    module: "nodenext",
    moduleResolution: "nodenext",
    resolvePackageJsonExports: true,
    esModuleInterop: true,
    isolatedModules: true,
    declaration: true,
    removeComments: true,
    emitDecoratorMetadata: true,
    experimentalDecorators: true,
    allowSyntheticDefaultImports: true,
    target: "ES2023",
    sourceMap: true,
    outDir: "./dist",
    baseUrl: "./",
    incremental: true,
    skipLibCheck: true,
    strict: true,
    forceConsistentCasingInFileNames: true,
    noFallthroughCasesInSwitch: true,
  };
  return {
    files: {
      "package.json": json({
        private: true,
        dependencies: nestPackages,
        devDependencies: {
          "@nestjs/cli": "^11.0.0",
          "@nestjs/schematics": "^11.0.0",
          "@types/express": "^5.0.0",
          "@types/node": "^24.0.0",
          typescript: "^5.7.3",
        },
      }),
      "tsconfig.json": json({ compilerOptions }),
      "tsconfig.build.json": json({ extends: "./tsconfig.json", exclude: ["node_modules", "dist"] }),
      "nest-cli.json": json({
        collection: "@nestjs/schematics",
        sourceRoot: "src",
        compilerOptions: { deleteOutDir: true },
      }),
      "src/main.ts": nestMain("void bootstrap();"),
      "src/app.module.ts": nestModule,
    },
    compile: "npx nest build",
    folder: "src/",
  };
}

/** `nest new --language js`: compiled by Babel when it starts. */
function nestJs(): Stock {
  return {
    files: {
      "package.json": json({
        private: true,
        dependencies: nestPackages,
        devDependencies: {
          "@babel/core": "7.29.0",
          "@babel/plugin-proposal-decorators": "7.29.0",
          "@babel/plugin-transform-runtime": "7.29.0",
          "@babel/preset-env": "7.29.2",
          "@babel/register": "7.28.6",
          "@babel/runtime": "7.29.2",
        },
      }),
      ".babelrc": json({
        presets: ["@babel/preset-env"],
        plugins: [
          ["@babel/plugin-proposal-decorators", { legacy: true }],
          ["@babel/plugin-transform-runtime", { regenerator: true }],
        ],
      }),
      "index.js": "require('@babel/register');\nrequire('./src/main');\n",
      "src/main.js": nestMain("bootstrap();"),
      "src/app.module.js": nestModule,
    },
    compile: undefined,
    folder: "src/",
  };
}

const nestPackages = {
  "@nestjs/common": "^11.0.1",
  "@nestjs/core": "^11.0.1",
  "@nestjs/platform-express": "^11.0.1",
  "reflect-metadata": "^0.2.2",
  rxjs: "^7.8.1",
};

const nestMain = (call: string) => `import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module';

async function bootstrap() {
  const app = await NestFactory.create(AppModule);
  await app.listen(process.env.PORT ?? 3000);
}
${call}
`;

const nestModule = `import { Module } from '@nestjs/common';

@Module({
  imports: [],
  controllers: [],
  providers: [],
})
export class AppModule {}
`;

/** `create-next-app` with the App Router, in the versions of this repository. */
function next(extension: Extension): Stock {
  const compilerOptions = {
    target: "ES2017",
    lib: ["dom", "dom.iterable", "esnext"],
    allowJs: true,
    skipLibCheck: true,
    strict: true,
    noEmit: true,
    esModuleInterop: true,
    module: "esnext",
    moduleResolution: "bundler",
    resolveJsonModule: true,
    isolatedModules: true,
    jsx: "react-jsx",
    incremental: true,
    plugins: [{ name: "next" }],
    paths: { "@/*": ["./*"] },
  };
  const types = { "@types/node": "^20", "@types/react": "^19", typescript: "^5" };
  const isTypeScript = extension === "ts";
  return {
    files: {
      "package.json": json({
        private: true,
        dependencies: { next: "16.4.5", react: "^19", "react-dom": "^19" },
        ...(isTypeScript && { devDependencies: types }),
      }),
      ".gitignore": "/node_modules\n/.next/\n.env*\n",
      [isTypeScript ? "app/layout.tsx" : "app/layout.js"]:
        `export default function Layout({ children }${isTypeScript ? ": { children: React.ReactNode }" : ""}) {
  return <html lang="en"><body>{children}</body></html>;
}
`,
      ...(isTypeScript && {
        "tsconfig.json": json({
          compilerOptions,
          include: ["next-env.d.ts", "**/*.ts", "**/*.tsx"],
          exclude: ["node_modules"],
        }),
      }),
    },
    compile: "npx next build",
    folder: "lib/",
  };
}

export function stockOf(framework: string, extension: Extension): Stock {
  if (framework === "next") return next(extension);
  if (framework !== "nestjs") return ownServer(extension);
  return extension === "ts" ? nestTs() : nestJs();
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
