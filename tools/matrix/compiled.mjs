// Cells that differ in Nest, platform, module system, compiler and runtime.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { dependencies, sources, tsconfig } from './app.mjs';
import { COMPILERS, THIS_RUNTIME } from './cells.mjs';
import { checkApp } from './deliver.mjs';
import { run } from './run.mjs';
import { once } from './workspace.mjs';

const BUILD_SECONDS = 120;

/** Packages that hold the executable of a runtime, as the runtimes' own packages install them. */
function packageOf(runtime) {
  const [kind] = runtime.split(' ');
  const { platform, arch } = process;
  const os = platform === 'win32' ? 'windows' : platform;
  if (kind === 'bun') return [`@oven/bun-${os}-${arch === 'arm64' ? 'aarch64' : arch}`, 'bin/bun'];
  if (kind === 'deno') {
    return [`@deno/${platform}-${arch}${platform === 'linux' ? '-glibc' : ''}`, 'deno'];
  }
  return [`node-${platform === 'win32' ? 'win' : platform}-${arch}`, 'bin/node'];
}

export function createCompiled(workspace) {
  const { at, write, install, tool, pack } = workspace;

  /** How to start a file. */
  const starter = once(async runtime => {
    if (runtime === THIS_RUNTIME) return { command: process.execPath, args: [] };
    const [kind, version] = runtime.split(' ');
    const [name, file] = packageOf(runtime);
    const command = join(await tool(name, `^${version}.0.0`), file);
    return { command, args: kind === 'deno' ? ['run', '--allow-all'] : [] };
  });

  /** An app's folder: only its own platform is installed. */
  const installApp = once(async (nest, platform) => {
    const path = `nest-${nest}-${platform}`;
    const tarball = `file:${await pack()}`;
    await install(path, {
      dependencies: { ...dependencies(nest, platform), 'nestjs-revrag-webhook': tarball },
    });
    return path;
  });

  const build = once(async (nest, platform, module, compiler) => {
    const path = `${await installApp(nest, platform)}/${module}-${compiler.replace(' ', '-')}`;
    write(`${path}/package.json`, { type: module === 'esm' ? 'module' : 'commonjs' });
    write(`${path}/tsconfig.json`, tsconfig);
    const files = sources(platform);
    for (const [name, text] of Object.entries(files)) write(`${path}/src/${name}`, text);
    const [, name, range] = /^(.+)@(.+)$/.exec(COMPILERS[compiler]);
    const installed = await tool(name, range);
    if (compiler === 'swc') buildWithSwc(path, files, module, installed);
    else {
      const args = [join(installed, 'bin', 'tsc'), '--outDir', 'dist'];
      await run(process.execPath, args, { cwd: at(path), seconds: BUILD_SECONDS });
    }
    return at(path);
  });

  function buildWithSwc(path, files, module, installed) {
    const { transformSync } = createRequire(join(installed, 'index.js'))(installed);
    for (const [filename, source] of Object.entries(files)) {
      const { code } = transformSync(source, {
        filename,
        module: { type: module === 'esm' ? 'es6' : 'commonjs' },
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
      });
      write(`${path}/dist/${filename.replace('.ts', '.js')}`, code);
    }
  }

  async function check({ nest, platform, module, compiler, runtime }) {
    const cwd = await build(nest, platform, module, compiler);
    const { command, args } = await starter(runtime);
    const program = { command, args: [...args, 'dist/main.js'], cwd };
    const output = await checkApp(program, join(cwd, 'package.json'));
    assert.match(output, new RegExp(`^RUNTIME=${runtime}\\.`, 'm'));
  }

  return { build, check };
}
