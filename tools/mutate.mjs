// Changes the code of a folder, one small thing at a time, and lists the changes that no test notices. docs/mutants.md
//   npm run mutate -- lib/core/signature
//   npm run mutate -- lib/core/signature/headers.ts        one file; headers.ts:20-40 for some of its lines
//   npm run mutate -- lib/core/signature --fresh           as if it had never run
//   npm run mutate -- scripts                              the Lua of lib/redis and the SQL of lib/postgres
//   npm run mutate -- scripts postgres 64                  those of one store, of a line or of lines with a text
import { rmSync } from 'node:fs';
import { Stryker } from '@stryker-mutator/core';
import { summaryOf } from './mutate/summary.mjs';

/** The tests that may notice: those near the folder, as each mutant costs a run of them. */
const TESTS = {
  'lib/core/signature': [
    'test/unit/core/signature/**/*.test.ts',
    'test/integration/secrets/**/*.test.ts',
  ],
  'lib/core/events': [
    'test/unit/core/events/**/*.test.ts',
    'test/integration/handlers/{delivery,variables}.test.ts',
  ],
  'lib/core/handlers': ['test/integration/handlers/**/*.test.ts'],
  'lib/core/delivery': [
    'test/unit/core/delivery/**/*.test.ts',
    'test/integration/delivery/**/*.test.ts',
  ],
  'lib/core/idempotency': [
    'test/unit/core/idempotency/**/*.test.ts',
    'test/contract/memory-*.test.ts',
  ],
  'lib/core/http': ['test/unit/core/http/**/*.test.ts', 'test/e2e/**/*.test.ts'],
};

const paths = process.argv.slice(2).filter(argument => !argument.startsWith('-'));
const fresh = process.argv.includes('--fresh');
if (paths.length === 0)
  throw new Error('Name a folder or a file: npm run mutate -- lib/core/signature');

if (paths[0] === 'scripts') {
  const { mutateScripts } = await import('./mutate/scripts.mjs');
  await mutateScripts(paths.slice(1));
} else {
  for (const path of paths) await mutate(path.replace(/\/$/, ''));
}

async function mutate(path) {
  const folder = Object.keys(TESTS).find(name => `${path}/`.startsWith(`${name}/`));
  if (!folder)
    throw new Error(`Not a folder with mutants: ${path}. One of: ${Object.keys(TESTS).join(', ')}`);
  const name = folder.replaceAll('/', '-');
  const state = `.mutants/${name}.json`;
  if (fresh) rmSync(state, { force: true });
  // Property tests try few cases, and always the same.
  Object.assign(process.env, { PROPERTY_SEED: '1', PROPERTY_CASES: '50' });
  process.env.MUTANTS_TESTS = JSON.stringify(TESTS[folder]);
  const results = await new Stryker({
    mutate: [path.includes('.ts') ? path : `${path}/**/*.ts`],
    testRunner: 'vitest',
    vitest: { configFile: 'tools/mutate/vitest.config.mjs', related: false },
    plugins: ['@stryker-mutator/vitest-runner', './tools/mutate/prose.mjs'],
    ignorers: ['prose'],
    coverageAnalysis: 'perTest',
    incremental: true,
    incrementalFile: state,
    tempDirName: '.mutants/tmp',
    ignorePatterns: ['/*', '!/lib', '!/test', '!/tools', '!/package.json', '!/tsconfig*.json'],
    concurrency: 1,
    timeoutMS: 30_000,
    reporters: ['html', 'progress-append-only'],
    htmlReporter: { fileName: `.mutants/${name}.html` },
    allowConsoleColors: false,
  }).runMutationTest();
  report(path, summaryOf(results));
}

function report(path, { mutants, noticed, survivors, unexplained }) {
  for (const { file, line, key } of unexplained) console.log(`${file}:${line}  ${key}`);
  const percent = ((100 * noticed) / mutants).toFixed(1);
  const kept = survivors.length - unexplained.length;
  console.log(
    `${path}: ${mutants} mutants, ${noticed} noticed (${percent} %), ${kept} kept with a reason, ` +
      `${unexplained.length} without`,
  );
}
