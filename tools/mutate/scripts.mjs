/**
 * Mutates the Lua of `lib/redis` and the SQL of `lib/postgres`, one change at a time and in memory only, and runs
 * the stores' tests on real servers:
 *
 *     npm run mutate -- scripts [redis|postgres] [text of a mutant's line, or its line number]
 */
import { fileURLToPath } from 'node:url';
import { createVitest } from 'vitest/node';
import { KEPT } from './script-reasons.mjs';
import { mutantsOf } from './script-mutants.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

const CONTRACT = name => [`test/contract/${name}-idempotency-store.test.ts`];
const OWN = name => [`test/integration/${name}/${name}-idempotency-store.test.ts`];
const EFFECTS = ['test/integration/postgres/effects.test.ts'];
const EXPIRED = ['test/integration/postgres/expired-rows.test.ts'];

/** Files with scripts, and their tests: the fast ones, then the others. */
const STORES = {
  redis: { 'redis/scripts.ts': [CONTRACT('redis'), OWN('redis')] },
  postgres: {
    'postgres/functions.ts': [CONTRACT('postgres'), OWN('postgres')],
    'postgres/postgres-schema.ts': [OWN('postgres')],
    'postgres/record-effect.ts': [EFFECTS],
    'postgres/expired-rows.ts': [OWN('postgres'), EXPIRED],
  },
};
/** What repeats the contract (levels of isolation, PgBouncer), and what is about connections. */
const SKIPPED =
  /by (?:URL|pool)|serializable|in trouble|outlive|passwords|comes back|dies|what it opened/;

const [store, wanted = ''] = process.argv.slice(2);
const stores = Object.entries(STORES).filter(([name]) => store === undefined || name === store);
if (stores.length === 0) throw new Error(`No store ${store}: redis or postgres.`);

let mutant;
const vitest = await createVitest(
  'test',
  {
    config: false,
    root,
    watch: false,
    bail: 1,
    maxWorkers: 1,
    fileParallelism: false,
    isolate: false,
    // A change may make something wait for ever; nothing here takes half as long.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    testNamePattern: new RegExp(`^(?!.*(?:${SKIPPED.source}))`),
    globalSetup: ['test/support/servers/global-setup.ts'],
    setupFiles: ['test/support/setup.ts'],
    include: stores.flatMap(([, files]) => Object.values(files).flat(2)),
    reporters: [{}],
    // What a broken connection of a mutant leaves behind is no result.
    dangerouslyIgnoreUnhandledErrors: true,
  },
  {
    resolve: {
      alias: [
        { find: /^nestjs-revrag-webhook$/, replacement: `${root}lib/index.ts` },
        { find: /^nestjs-revrag-webhook\/(.+)$/, replacement: `${root}lib/$1/index.ts` },
      ],
    },
    plugins: [
      {
        name: 'mutant',
        enforce: 'pre',
        load: id => (id === mutant?.file ? mutant.source : undefined),
      },
    ],
  },
);

/** The first test that fails, or undefined. */
async function noticedBy(tests) {
  for (const files of tests) {
    const all = await vitest.globTestSpecifications(files);
    const { testModules } = await vitest.runTestSpecifications(all);
    for (const module of testModules) {
      for (const test of module.children.allTests('failed')) return test.fullName;
      if (!module.ok()) return `${module.relativeModuleId}, as a whole`;
    }
  }
  return undefined;
}

async function mutate(name, file, tests) {
  const mutants = mutantsOf(file).filter(isWanted);
  if (mutants.length === 0) return;
  const noticed = await noticedBy(tests);
  if (noticed) throw new Error(`Without any change, this fails: ${noticed}`);
  for (mutant of mutants) {
    vitest.invalidateFile(file);
    report(name, mutant, await noticedBy(tests));
  }
  mutant = undefined;
  vitest.invalidateFile(file);
}

function report(name, { line, kind, was, becomes, around }, by) {
  const what = `${name} ${line} ${kind}: ${was} → ${becomes}`;
  tried += 1;
  if (by) return console.log(`noticed   ${what}\n    by ${by}`);
  const reason = KEPT[`${around} | ${was} → ${becomes}`];
  if (reason) kept += 1;
  else survivors.push(`${what}\n    in ${around}`);
  console.log(`SURVIVED  ${what}${reason ? ` (${reason})` : ''}`);
}

const isWanted = ({ line, around }) =>
  /^\d+$/.test(wanted) ? String(line) === wanted : around.includes(wanted);

const survivors = [];
let tried = 0;
let kept = 0;
try {
  for (const [name, files] of stores) {
    for (const [file, tests] of Object.entries(files))
      await mutate(name, `${root}lib/${file}`, tests);
  }
} finally {
  await vitest.close();
}

const noticed = tried - kept - survivors.length;
console.log(
  `\nNoticed: ${noticed} of ${tried} (${((100 * noticed) / tried).toFixed(1)} %). Kept with a reason: ${kept}.`,
);
for (const survivor of survivors) console.log(`Survived without a reason: ${survivor}`);
process.exitCode = survivors.length > 0 ? 1 : 0;
