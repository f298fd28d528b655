// Apps in one minified file, started where no package is installed.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { checkApp } from './deliver.mjs';

const APP = ['12', 'express', 'esm', 'ts 6'];

/** What Nest imports only where an app asks for it. */
const ABSENT = /^@nestjs\/(microservices|websockets)(\/|$)/;
const ABSENT_GLOBS = ['microservices', 'websockets'].flatMap(name => [
  `@nestjs/${name}`,
  `@nestjs/${name}/*`,
]);

export function createBundled(workspace, build) {
  const { at, write, tool } = workspace;

  const cell = (name, packageName, range, bundle) => ({
    name: `${name}, minified`,
    async check() {
      const folder = await tool(packageName, range);
      const bundler = createRequire(join(folder, 'package.json'))(packageName);
      const built = await build(...APP);
      const cwd = at('bundles', name);
      write(`bundles/${name}/package.json`, { type: 'module' });
      await bundle(bundler, join(built, 'dist/main.js'), join(cwd, 'main.js'));
      const program = { command: process.execPath, args: ['main.js'], cwd };
      const output = await checkApp(program, join(built, 'package.json'));
      // The handler has an id, so a class name that the minifier made up does not matter.
      assert.doesNotMatch(output, /looks minified/);
    },
  });

  return [
    cell('esbuild', 'esbuild', '>=0.25.0', withEsbuild),
    cell('webpack', 'webpack', '^5.100.0', withWebpack),
    cell('rspack', '@rspack/core', '>=1.5.0', ({ rspack }, ...files) =>
      withWebpack(rspack, ...files),
    ),
  ];
}

/** esbuild leaves the `require` of CommonJS packages to Node, which has none in an ES module. */
const REQUIRE =
  "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

const withEsbuild = (esbuild, entry, outfile) =>
  esbuild.build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    banner: { js: REQUIRE },
    external: ABSENT_GLOBS,
    logLevel: 'error',
  });

function withWebpack(webpack, entry, file) {
  const compiler = webpack({
    entry,
    mode: 'production',
    target: 'node20',
    output: { path: join(file, '..'), filename: 'main.js', module: true, chunkFormat: 'module' },
    experiments: { outputModule: true },
    externals: [ABSENT],
    externalsType: 'import',
  });
  return new Promise((resolve, reject) => {
    compiler.run((error, stats) => {
      if (error ?? stats.hasErrors()) reject(error ?? new Error(stats.toString('errors-only')));
      else compiler.close(closed => (closed ? reject(closed) : resolve()));
    });
  });
}
