// Packs the library as it would be published, installs the tarball in an empty app elsewhere, and uses
// it there as the README says: its code as printed, through HTTP, as ESM and as CommonJS.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkInstallations } from './package/installations.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'revrag-webhook-package-'));
const run = (command, args, cwd) =>
  execFileSync(command, args, { cwd, stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' });

/** The code blocks of the README that start with `// src/…`, as files. */
function readmeFiles() {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const blocks = readme.matchAll(/```ts\n\/\/ (src\/\S+)\n([\s\S]*?)```/g);
  return [...blocks].map(([, path, code]) => ({ path, code }));
}

/** As `npm pack`, without the build, which others may be using. */
function pack() {
  const readme = join(root, 'tools/published-readme.mjs');
  run(process.execPath, [readme], root);
  try {
    const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
    return JSON.parse(run('npm', args, root))[0];
  } finally {
    run(process.execPath, [readme, '--restore'], root);
  }
}

try {
  const { filename, files, size } = pack();
  console.log(`packed ${filename}: ${files.length} files, ${Math.round(size / 1024)} kB`);
  const stray = files.filter(
    ({ path }) => !/^(dist\/|package\.json|README|LICENSE|CHANGELOG)/.test(path),
  );
  if (stray.length > 0) throw new Error(`does not belong in the package: ${stray[0].path}`);

  const tarball = join(folder, filename);
  const publint = join(root, 'node_modules/.bin/publint');
  run(publint, ['run', tarball, '--strict'], root);
  const attw = join(root, 'node_modules/.bin/attw');
  run(attw, [tarball, '--profile', 'esm-only'], root);
  console.log('publint and attw find nothing');
  run(
    'npm',
    ['publish', tarball, '--dry-run', '--ignore-scripts', '--no-provenance', '--loglevel', 'error'],
    folder,
  );
  console.log('it could be published');

  const app = join(folder, 'app');
  mkdirSync(join(app, 'src'), { recursive: true });
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const pick = (...names) => Object.fromEntries(names.map(name => [name, devDependencies[name]]));
  const manifest = {
    name: 'app',
    private: true,
    type: 'module',
    dependencies: {
      ...pick('@nestjs/common', '@nestjs/core', '@nestjs/platform-express'),
      ...pick('class-transformer', 'class-validator', 'reflect-metadata', 'rxjs'),
      'nestjs-revrag-webhook': `file:${tarball}`,
    },
    devDependencies: pick('typescript', '@types/node'),
  };
  writeFileSync(join(app, 'package.json'), JSON.stringify(manifest));
  cpSync(join(root, 'sample/01-basic/tsconfig.json'), join(app, 'tsconfig.json'));
  const sources = readmeFiles();
  if (sources.length < 3) throw new Error('the README has lost its code');
  for (const { path, code } of sources) writeFileSync(join(app, path), code);
  writeFileSync(
    join(app, 'src/try.ts'),
    `import { signDelivery, callEnded } from 'nestjs-revrag-webhook/testing';
const secret = (process.env.REVRAG_WEBHOOK_SECRET = 'whsec_readme');
process.env.PORT = '0';
const { app } = await import('./main.js');
const { body, headers } = signDelivery({ secret, body: callEnded() });
const url = (await app.getUrl()) + '/webhooks/revrag';
const response = await fetch(url, { method: 'POST', headers, body });
const answer = await response.json() as { status: string };
await app.close();
if (answer.status !== 'processed') throw new Error(JSON.stringify(answer));
`,
  );
  writeFileSync(
    join(app, 'commonjs.cjs'),
    "const { RevragWebhookModule } = require('nestjs-revrag-webhook');\n" +
      "if (typeof RevragWebhookModule.forRoot !== 'function') throw new Error('not there');\n",
  );
  run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline'], app);
  const published = readFileSync(join(app, 'node_modules/nestjs-revrag-webhook/README.md'), 'utf8');
  const relative = /\]\((?!https:|#)[^)]*\)/.exec(published);
  if (relative)
    throw new Error(`the published README has a link that leads nowhere: ${relative[0]}`);
  run(join(app, 'node_modules/.bin/tsc'), [], app);
  run(process.execPath, ['dist/try.js'], app);
  run(process.execPath, ['commonjs.cjs'], app);
  console.log("the README's code runs in an empty app, from the tarball");
  checkInstallations(tarball, folder, devDependencies.typescript);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
