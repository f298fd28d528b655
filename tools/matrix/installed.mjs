// Apps that other package managers than npm install: nothing may be found that was not asked for.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { dependencies, sources, tsconfig } from './app.mjs';
import { checkApp } from './deliver.mjs';
import { run } from './run.mjs';

const SECONDS = 240;
const APP = { nest: '12', platform: 'express' };

export function createInstalled(workspace) {
  const { at, write, tool, pack } = workspace;

  async function prepare(name) {
    const path = `installed-${name}`;
    write(`${path}/package.json`, {
      private: true,
      type: 'module',
      dependencies: {
        ...dependencies(APP.nest, APP.platform),
        'nestjs-revrag-webhook': `file:${await pack()}`,
      },
      devDependencies: { typescript: '^6.0.0' },
    });
    // The declarations of Nest 12 import a package that Nest does not depend on.
    const compilerOptions = { ...tsconfig.compilerOptions, skipLibCheck: true };
    write(`${path}/tsconfig.json`, { ...tsconfig, compilerOptions });
    const files = Object.entries(sources(APP.platform));
    for (const [file, text] of files) write(`${path}/src/${file}`, text);
    return path;
  }

  /** Without hoisting: each package sees what it depends on, and no other. */
  async function checkPnpm() {
    const path = await prepare('pnpm');
    write(`${path}/.npmrc`, 'hoist=false\nnode-linker=isolated\n');
    const pnpm = join(await tool('pnpm', '^10.0.0'), 'bin', 'pnpm.cjs');
    const cwd = at(path);
    const env = { CI: 'true' };
    await run(process.execPath, [pnpm, 'install'], { cwd, env, seconds: SECONDS });
    await run(process.execPath, [pnpm, 'exec', 'tsc', '--outDir', 'dist'], {
      cwd,
      seconds: SECONDS,
    });
    const program = { command: process.execPath, args: ['dist/main.js'], cwd };
    await checkApp(program, at(path, 'package.json'));
  }

  /** Without node_modules: the packages stay in archives. */
  async function checkYarn() {
    const path = await prepare('yarn');
    const cwd = at(path);
    const registry = await run('npm', ['config', 'get', 'registry'], { cwd, seconds: SECONDS });
    write(`${path}/yarn.lock`, '');
    const env = {
      YARN_NODE_LINKER: 'pnp',
      YARN_NPM_REGISTRY_SERVER: registry.trim().replace(/\/$/, ''),
      YARN_ENABLE_IMMUTABLE_INSTALLS: 'false',
      YARN_ENABLE_TELEMETRY: '0',
      YARN_ENABLE_SCRIPTS: 'false',
      YARN_UNSAFE_HTTP_WHITELIST: '*',
    };
    const yarn = join(await tool('@yarnpkg/cli-dist', '^4.0.0'), 'bin', 'yarn.js');
    const yarnRun = (...args) =>
      run(process.execPath, [yarn, ...args], { cwd, env, seconds: SECONDS });
    await yarnRun('install');
    if (readdirSync(cwd).includes('node_modules')) throw new Error('yarn made a node_modules');
    await yarnRun('tsc', '--outDir', 'dist');
    const program = { command: process.execPath, args: [yarn, 'node', 'dist/main.js'], cwd, env };
    await checkApp(program, await kit());
  }

  /** The test kit for what can't be found without yarn's loader. */
  async function kit() {
    await workspace.install('kit', {
      dependencies: {
        ...dependencies(APP.nest, APP.platform),
        'nestjs-revrag-webhook': `file:${await pack()}`,
      },
    });
    return at('kit', 'package.json');
  }

  return [
    { name: 'pnpm without hoisting', check: checkPnpm },
    { name: 'yarn pnp', check: checkYarn },
  ];
}
