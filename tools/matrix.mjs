// Packs the library, builds a small app with it for each cell, delivers to the app, prints a table.
//   npm run matrix                          every cell
//   npm run matrix -- --ci                  a handful, on the Node at hand
//   npm run matrix -- --only "nest 11"      cells whose name contains all of the words given
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { dependencies, sources, tsconfig } from './matrix/app.mjs';
import { COMPILERS, THIS_NODE, ciCells, everyCell, nameOf } from './matrix/cells.mjs';
import { run, start } from './matrix/run.mjs';

const INSTALL_SECONDS = 180;
const BUILD_SECONDS = 90;
const START_SECONDS = 30;
const SECRET = 'whsec_matrix_9f21c7';

const { values: flags } = parseArgs({
  options: { ci: { type: 'boolean' }, only: { type: 'string', default: '' } },
});
const words = flags.only.split(/\s*,\s*/);
const cells = (flags.ci ? ciCells() : everyCell()).filter(cell =>
  words.every(word => nameOf(cell).includes(word)),
);
const folder = mkdtempSync(join(tmpdir(), 'revrag-matrix-'));

function write(path, content) {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  const text = typeof content === 'string' ? content : JSON.stringify(content, null, 2);
  writeFileSync(join(folder, path), text);
}

async function install(path, packages) {
  write(`${path}/package.json`, { private: true, ...packages });
  const args = ['install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel', 'error'];
  await run('npm', args, { cwd: join(folder, path), seconds: INSTALL_SECONDS });
}

/** Calls `make` once for each key, however often it is asked for. */
function once(make) {
  const made = new Map();
  return (...key) => {
    const id = key.join();
    if (!made.has(id)) made.set(id, make(...key));
    return made.get(id);
  };
}

const pack = once(async () => {
  const cwd = fileURLToPath(new URL('..', import.meta.url));
  const args = ['pack', '--json', '--silent', '--pack-destination', folder];
  const output = await run('npm', args, { cwd, seconds: BUILD_SECONDS });
  return join(folder, /"filename": "(.*)"/.exec(output)[1]);
});

const compilerFolder = once(async compiler => {
  const path = `compilers/${compiler.replace(' ', '-')}`;
  const [, name, range] = /^(.+)@(.+)$/.exec(COMPILERS[compiler]);
  await install(path, { dependencies: { [name]: range } });
  return join(folder, path, 'node_modules', name);
});

/** The executable of a Node release, from the package that the `node` package is made of. */
const nodeBinary = once(async version => {
  if (version === THIS_NODE) return process.execPath;
  const os = process.platform === 'win32' ? 'win' : process.platform;
  const name = `node-${os}-${process.arch}`;
  await install(`node-${version}`, { dependencies: { [name]: `^${version}.0.0` } });
  return join(folder, `node-${version}`, 'node_modules', name, 'bin', 'node');
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
  const installed = await compilerFolder(compiler);
  if (compiler === 'swc') return buildWithSwc(path, files, module, installed);
  const args = [join(installed, 'bin', 'tsc'), '--outDir', 'dist'];
  await run(process.execPath, args, { cwd: join(folder, path), seconds: BUILD_SECONDS });
  return path;
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
  return path;
}

async function check({ nest, platform, module, compiler, node }) {
  const path = await build(nest, platform, module, compiler);
  const executable = await nodeBinary(node);
  const cwd = join(folder, path);
  const env = { REVRAG_WEBHOOK_SECRET: SECRET };
  const app = await start(executable, 'dist/main.js', { cwd, env, seconds: START_SECONDS });
  try {
    assert.match(app.output, new RegExp(`^NODE=v${node}\\.`, 'm'));
    await deliverTo(app, cwd);
  } catch (error) {
    throw new Error(`${error.message}\n${app.output}`, { cause: error });
  } finally {
    await app.stop();
  }
}

async function deliverTo(app, cwd) {
  const { resolve } = createRequire(join(cwd, 'package.json'));
  const kit = pathToFileURL(resolve('nestjs-revrag-webhook/testing')).href;
  const { callEnded, signDelivery } = await import(kit);
  const send = async (path, { body, headers }) => {
    const init = { method: 'POST', body, headers, signal: AbortSignal.timeout(20_000) };
    const response = await fetch(`${app.url}/api/acme/${path}`, init);
    return { status: response.status, body: await response.json() };
  };
  const sign = options => signDelivery({ secret: SECRET, ...options });
  const messages = Array.from({ length: 20_000 }, () => ({
    role: 'user',
    content: 'x'.repeat(60),
  }));

  const call = { id: 'evt_1', body: callEnded() };
  const first = await send('webhooks/revrag', sign(call));
  assert.deepEqual(first, { status: 200, body: { status: 'processed', id: 'evt_1' } });
  assert.match(app.output, /^CALL=evt_1 function$/m);
  const again = await send('webhooks/revrag', sign(call));
  assert.deepEqual(again, { status: 200, body: { status: 'duplicate', id: 'evt_1' } });
  const long = callEnded({ transcription: { messages } });
  assert.equal((await send('webhooks/revrag', sign({ body: long }))).status, 200);
  const forged = await send('webhooks/revrag', { ...sign(), body: '{}' });
  assert.equal(forged.status, 401);
  assert.equal(forged.body.code, 'signature_mismatch');
  const own = await send('own', sign({ body: long }));
  assert.deepEqual(own, { status: 201, body: { agent: long.agent_id } });
  const headers = { 'content-type': 'application/json' };
  const other = await send('echo', { body: '{"a":1}', headers });
  assert.deepEqual(other, { status: 201, body: { a: 1 } });
}

async function checkAll() {
  const queue = [...cells];
  const failures = [];
  const work = async () => {
    for (let cell = queue.shift(); cell; cell = queue.shift()) {
      const startedAt = Date.now();
      const problem = await check(cell).then(
        () => undefined,
        error => error,
      );
      if (problem) failures.push({ cell, problem });
      const took = `${((Date.now() - startedAt) / 1000).toFixed(1)} s`;
      console.log(`${problem ? 'FAILED' : 'ok    '}  ${nameOf(cell)}  (${took})`);
    }
  };
  await Promise.all([work(), work()]);
  return failures;
}

function printTable(failures) {
  const failed = new Set(failures.map(({ cell }) => nameOf(cell)));
  const table = {};
  for (const cell of cells) {
    const { nest, platform, module, compiler, node } = cell;
    const row = (table[`nest ${nest} ${platform} ${module}`] ??= {});
    const mark = failed.has(nameOf(cell)) ? 'FAILED' : 'ok';
    row[compiler] = `${row[compiler] ? `${row[compiler]}, ` : ''}${node} ${mark}`;
  }
  console.table(table);
}

try {
  const failures = await checkAll();
  for (const { cell, problem } of failures) console.error(`\n${nameOf(cell)}\n${problem.message}`);
  printTable(failures);
  console.log(`${cells.length - failures.length} of ${cells.length} cells work`);
  process.exitCode = failures.length > 0 || cells.length === 0 ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
