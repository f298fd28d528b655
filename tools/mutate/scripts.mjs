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

/** Files with scripts, and their tests: the fast ones, then the others. */
const STORES = {
  redis: {
    files: ['redis/scripts.ts'],
    tests: [
      ['test/contract/redis-idempotency-store.test.ts'],
      ['test/integration/redis/redis-idempotency-store.test.ts'],
    ],
  },
  postgres: {
    files: [
      'postgres/functions.ts',
      'postgres/postgres-schema.ts',
      'postgres/postgres-idempotency-store.ts',
      'postgres/record-effect.ts',
      'postgres/expired-rows.ts',
    ],
    tests: [
      ['test/contract/postgres-idempotency-store.test.ts'],
      [
        'test/integration/postgres/postgres-idempotency-store.test.ts',
        'test/integration/postgres/effects.test.ts',
        'test/integration/postgres/expired-rows.test.ts',
      ],
    ],
  },
};
/** What repeats the contract (levels of isolation, PgBouncer), and what is about connections. */
const SKIPPED =
  /by (?:URL|pool)|repeatable read|serializable|in trouble|outlive|passwords|comes back|dies|what it opened/;

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
    include: stores.flatMap(([, { tests }]) => tests.flat()),
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

const survivors = [];
let tried = 0;
let kept = 0;
try {
  for (const [name, { files, tests }] of stores) {
    const noticed = await noticedBy(tests);
    if (noticed) throw new Error(`Without any change, this fails: ${noticed}`);
    for (const each of files.flatMap(file => mutantsOf(`${root}lib/${file}`))) {
      if (!each.around.includes(wanted) && String(each.line) !== wanted) continue;
      tried += 1;
      mutant = each;
      vitest.invalidateFile(each.file);
      const by = await noticedBy(tests);
      const what = `${name} ${each.line} ${each.kind}: ${each.was} → ${each.becomes}`;
      const reason = by === undefined && KEPT[`${each.around} | ${each.was} → ${each.becomes}`];
      if (by === undefined) reason ? (kept += 1) : survivors.push(`${what}\n    in ${each.around}`);
      console.log(
        by ? `noticed   ${what}\n    by ${by}` : `SURVIVED  ${what}${reason ? ` (${reason})` : ''}`,
      );
    }
    mutant = undefined;
    for (const file of files) vitest.invalidateFile(`${root}lib/${file}`);
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
