// Apps as `nest new` generates them, set up by `nest add`, then by hand as the README says; and their tests.
import assert from 'node:assert/strict';
import { once as event } from 'node:events';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { blocksOf } from '../docs/blocks.mjs';
import { run, start } from './run.mjs';
import { ROOT } from './workspace.mjs';

const SECONDS = 180;
const LIBRARY = 'nestjs-revrag-webhook';
/** An app that Nest 11 generates is CommonJS: what README.md says of those is done to its code. */
const isCommonJs = nest => nest === '11';

const SPEC = `import { Test } from '@nestjs/testing';
import { deliver } from '${LIBRARY}/testing';
import { AppModule } from './app.module.js';

it('saves a call', async () => {
  const module = await Test.createTestingModule({ imports: [AppModule] }).compile();
  const app = module.createNestApplication();
  const reply = await deliver(app, { secret: process.env.REVRAG_WEBHOOK_SECRET! });
  await app.close();
  expect(reply).toMatchObject({ status: 200, body: { status: 'processed' } });
});
`;

export const createFirstHour = workspace =>
  ['11', '12'].map(nest => ({
    name: `nest new ${nest}`,
    ci: isCommonJs(nest),
    check: () => checkFirstHour(workspace, nest),
  }));

async function checkFirstHour(workspace, nest) {
  const { at, write, install, tool, pack } = workspace;
  const parent = `first-hour-${nest}`;
  write(`${parent}/.keep`, '');
  const cli = join(await tool('@nestjs/cli', `^${nest}.0.0`), 'bin', 'nest.js');
  const flags = ['--skip-install', '--skip-git', '--package-manager', 'npm'];
  await run(process.execPath, [cli, 'new', 'app', ...flags], { cwd: at(parent), seconds: SECONDS });
  const path = `${parent}/app`;
  const cwd = at(path);
  const manifest = readManifest(cwd);
  manifest.dependencies[LIBRARY] = `file:${await pack()}`;
  await install(path, manifest);

  const nestRun = (...args) =>
    run(process.execPath, [join(cwd, 'node_modules/@nestjs/cli/bin/nest.js'), ...args], {
      cwd,
      seconds: SECONDS,
    });
  await checkNestAdd(cwd, nestRun);
  await nestRun('build');
  await lint(cwd);
  await checkDelivery(cwd, { args: ['--env-file=.env'] });

  const env = { REVRAG_WEBHOOK_SECRET: 'whsec_first_hour' };
  for (const [file, code] of readmeFiles(nest)) write(`${path}/${file}`, code);
  await nestRun('build');
  await lint(cwd);
  await checkDelivery(cwd, { args: [], env });

  write(`${path}/src/calls.spec.ts`, forModuleSystem(nest, SPEC));
  if (isCommonJs(nest)) {
    const withLibrary = readManifest(cwd);
    Object.assign(withLibrary.jest, jestConfiguration());
    write(`${path}/package.json`, withLibrary);
  }
  await run('npm', ['test'], { cwd, env: { ...env, CI: 'true' }, seconds: SECONDS });
}

/** By the app's own rules, as it is generated. */
const lint = cwd => run('npm', ['run', 'lint'], { cwd, seconds: SECONDS });

const readManifest = cwd => JSON.parse(readFileSync(join(cwd, 'package.json'), 'utf8'));

async function checkNestAdd(cwd, nestRun) {
  const before = filesOf(cwd);
  const dry = await nestRun('add', LIBRARY, '--skip-install', '--dry-run');
  assert.match(dry, /CREATE.* src\/call-ended\.handler\.ts/);
  assert.deepEqual(filesOf(cwd), before, 'a dry run changed files');
  await nestRun('add', LIBRARY, '--skip-install');
  const after = filesOf(cwd);
  assert.notDeepEqual(after, before);
  await nestRun('add', LIBRARY, '--skip-install');
  assert.deepEqual(filesOf(cwd), after, 'the second time changed files');
}

function filesOf(cwd) {
  const sources = readdirSync(join(cwd, 'src')).map(name => `src/${name}`);
  return ['package.json', '.env', ...sources]
    .filter(name => existsSync(join(cwd, name)))
    .map(name => [name, readFileSync(join(cwd, name), 'utf8')]);
}

/** Starts the built app, sends it a delivery by the command line, and ends it as a platform does. */
async function checkDelivery(cwd, { args, env }) {
  const port = await freePort();
  const app = await start(process.execPath, [...args, 'dist/main.js'], {
    cwd,
    env: { ...env, PORT: String(port) },
    seconds: SECONDS,
    ready: /successfully started/,
  });
  try {
    const command = join(cwd, 'node_modules', LIBRARY, 'dist/cli/main.js');
    const url = `http://localhost:${port}/webhooks/revrag`;
    const sent = await run(process.execPath, [command, 'send', url], {
      cwd,
      env,
      seconds: SECONDS,
    });
    assert.match(sent, /processed/);
    await app.says(/: call \S+ took \d+ s/);
  } finally {
    await app.stop();
  }
}

async function freePort() {
  const server = createServer().listen(0);
  await event(server, 'listening');
  const { port } = server.address();
  server.close();
  await event(server, 'close');
  return port;
}

/** The files that the README prints, for the app at hand. */
function readmeFiles(nest) {
  const blocks = blocksOf(readFileSync(join(ROOT, 'README.md'), 'utf8'));
  const files = blocks.filter(({ file }) => file?.startsWith('src/'));
  if (!files.some(({ file }) => file === 'src/main.ts'))
    throw new Error('README.md has no main.ts');
  return files.map(({ file, code }) => [file, forModuleSystem(nest, code)]);
}

/** In CommonJS: imports without `.js`, as its Jest wants them, and `await` within a function. */
function forModuleSystem(nest, code) {
  if (!isCommonJs(nest)) return code;
  const relative = code.replace(/(from '\.{1,2}\/[^']+)\.js'/g, "$1'");
  if (!/^await /m.test(relative)) return relative;
  const [, imports, body] = /^((?:(?:\/\/|import ).*\n|\n)*)([^]*)$/.exec(relative);
  const lines = body
    .replace(/^export /gm, '')
    .trimEnd()
    .replace(/^/gm, '  ');
  return `${imports}async function bootstrap() {\n${lines}\n}\nvoid bootstrap();\n`;
}

/** What docs/testing.md adds to the configuration of Jest. */
function jestConfiguration() {
  const guide = readFileSync(join(ROOT, 'docs/testing.md'), 'utf8');
  const [, json] = /^## Jest\n[^]*?```json\n([^]*?)```/m.exec(guide) ?? [];
  if (!json) throw new Error('docs/testing.md has no configuration of Jest');
  return JSON.parse(json);
}
