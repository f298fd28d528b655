// Changes the code of a folder, one small thing at a time, and lists the changes that no test notices. docs/mutants.md
//   npm run mutate -- lib/core/signature
//   npm run mutate -- lib/core/signature/headers.ts        one file; headers.ts:20-40 for some of its lines
//   npm run mutate -- lib/core/signature --fresh           as if it had never run
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
  'lib/core/http/fastify-platform.ts': ['test/e2e/**/*.test.ts'],
};
const PLATFORM = { 'lib/core/http/fastify-platform.ts': 'fastify' };

const paths = process.argv.slice(2).filter(argument => !argument.startsWith('-'));
const fresh = process.argv.includes('--fresh');
if (paths.length === 0)
  throw new Error('Name a folder or a file: npm run mutate -- lib/core/signature');

function isWithin(path, folder) {
  return `${path}/`.startsWith(`${folder}/`);
}

/** Files with tests of their own are not mutated with their folder. */
async function mutateAll(path) {
  const file = path.replace(/:.*/, '');
  const [nearest] = Object.keys(TESTS)
    .filter(name => isWithin(file, name))
    .sort((a, b) => b.length - a.length);
  const within = Object.keys(TESTS).filter(name => name !== nearest && isWithin(name, file));
  if (nearest) await mutate(nearest, [file.endsWith('.ts') ? path : `${path}/**/*.ts`], within);
  for (const name of within) await mutate(name, [name], []);
  if (nearest ?? within[0]) return;
  throw new Error(`No tests are named for ${path}. Folders: ${Object.keys(TESTS).join(', ')}`);
}

async function mutate(name, files, others) {
  const state = `.mutants/${name.replaceAll('/', '-')}`;
  if (fresh) rmSync(`${state}.json`, { force: true });
  Object.assign(process.env, {
    MUTANTS_TESTS: JSON.stringify(TESTS[name]),
    REVRAG_TEST_PLATFORM: PLATFORM[name] ?? 'express',
    // Property tests try few cases, and always the same.
    PROPERTY_SEED: '1',
    PROPERTY_CASES: '50',
  });
  const results = await new Stryker({
    mutate: [...files, ...others.map(other => `!${other}`)],
    testRunner: 'vitest',
    vitest: { configFile: 'tools/mutate/vitest.config.mjs', related: false },
    plugins: ['@stryker-mutator/vitest-runner', './tools/mutate/prose.mjs'],
    ignorers: ['prose'],
    coverageAnalysis: 'perTest',
    incremental: true,
    incrementalFile: `${state}.json`,
    tempDirName: '.mutants/tmp',
    ignorePatterns: ['/*', '!/lib', '!/test', '!/tools', '!/package.json', '!/tsconfig*.json'],
    concurrency: 1,
    timeoutMS: 10_000,
    reporters: ['html', 'progress-append-only'],
    htmlReporter: { fileName: `${state}.html` },
    allowConsoleColors: false,
  }).runMutationTest();
  report(files.join(' '), summaryOf(results));
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

for (const path of paths) await mutateAll(path.replace(/\/$/, ''));
