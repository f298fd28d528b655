// Changes the Lua of lib/redis and the SQL of lib/postgres, one thing at a time and in memory only, and runs the
// stores' contract and tests on real servers. A tool for JavaScript sees only text in these files.
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';
import { createVitest } from 'vitest/node';
import { startContract } from './script-contract.mjs';
import { mutantsOf } from './script-mutants.mjs';
import { SCRIPT_REASONS } from './script-reasons.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Files with scripts, and the tests that a change meets which the contract has not noticed. */
const STORES = {
  redis: { 'redis/scripts.ts': ['redis/redis-idempotency-store'] },
  postgres: {
    'postgres/functions.ts': ['postgres/functions', 'postgres/postgres-idempotency-store'],
    'postgres/postgres-schema.ts': ['postgres/postgres-idempotency-store'],
    'postgres/record-effect.ts': ['postgres/effects'],
    'postgres/expired-rows.ts': ['postgres/postgres-idempotency-store', 'postgres/expired-rows'],
  },
};
/** Tests about connections, which know nothing of scripts. */
const SKIPPED = /in trouble|outlive|passwords|comes back|what it opened/;

// A changed script may leave a promise that nobody waits for any more.
process.on('unhandledRejection', () => undefined);

export async function mutateScripts([store, wanted = '']) {
  const names = Object.keys(STORES).filter(name => store === undefined || name === store);
  if (names.length === 0) throw new Error(`No store ${store}: redis or postgres.`);
  const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(wanted) ?? [];
  const isWanted = ({ line, around }) =>
    first ? line >= Number(first) && line <= Number(last) : around.includes(wanted);
  const mutants = names.flatMap(name =>
    Object.entries(STORES[name]).flatMap(([file, tests]) =>
      mutantsOf(`${root}lib/${file}`)
        .filter(isWanted)
        .map(mutant => ({ ...mutant, name, tests })),
    ),
  );
  register('./script-hooks.mjs', import.meta.url, { data: mutants });
  for (const name of names) await askContract(name, mutants);
  await askTests(mutants.filter(({ by }) => by === undefined));
  report(mutants);
}

async function askContract(name, mutants) {
  const contract = await startContract(name);
  try {
    const failing = await contract.noticedBy(mutants.length);
    if (failing) throw new Error(`Without a change, ${name} fails: ${failing}`);
    for (const [number, mutant] of mutants.entries()) {
      if (mutant.name === name) note(mutant, await contract.noticedBy(number));
    }
  } finally {
    await contract.close();
  }
}

async function askTests(mutants) {
  if (mutants.length === 0) return;
  let current;
  const vitest = await startVitest(id => (id === current?.file ? current.source : undefined));
  try {
    for (current of mutants) {
      vitest.invalidateFile(current.file);
      const files = current.tests.map(name => `test/integration/${name}.test.ts`);
      const specifications = await vitest.globTestSpecifications(files);
      const { testModules: all } = await vitest.runTestSpecifications(specifications);
      // Files that this run leaves out keep their last result.
      const testModules = all.filter(({ moduleId }) =>
        specifications.some(one => one.moduleId === moduleId),
      );
      const failed = testModules.flatMap(module => [...module.children.allTests('failed')]);
      const broken = testModules.find(module => !module.ok());
      note(current, failed[0]?.fullName ?? broken?.relativeModuleId);
    }
  } finally {
    await vitest.close();
  }
}

const startVitest = load =>
  createVitest(
    'test',
    {
      config: false,
      root,
      watch: false,
      bail: 1,
      maxWorkers: 1,
      isolate: false,
      testTimeout: 30_000,
      hookTimeout: 60_000,
      testNamePattern: new RegExp(`^(?!.*(?:${SKIPPED.source}))`),
      globalSetup: ['test/support/servers/global-setup.ts'],
      setupFiles: ['test/support/setup.ts'],
      include: ['test/integration/{redis,postgres}/*.test.ts'],
      reporters: [{}],
      dangerouslyIgnoreUnhandledErrors: true,
    },
    {
      resolve: {
        alias: [
          { find: /^nestjs-revrag-webhook$/, replacement: `${root}lib/index.ts` },
          { find: /^nestjs-revrag-webhook\/(.+)$/, replacement: `${root}lib/$1/index.ts` },
        ],
      },
      plugins: [{ name: 'mutant', enforce: 'pre', load }],
    },
  );

function note(mutant, by) {
  mutant.by = by;
  console.log(`${by ? 'noticed ' : 'not yet '} ${nameOf(mutant)}${by ? `\n    by ${by}` : ''}`);
}

const nameOf = ({ name, line, kind, was, becomes }) =>
  `${name} ${line} ${kind}: ${was} → ${becomes}`;

function report(mutants) {
  const survivors = mutants.filter(({ by }) => by === undefined);
  const unexplained = survivors.filter(mutant => !reasonOf(mutant));
  for (const mutant of unexplained) console.log(`${mutant.file}:${mutant.line}  ${keyOf(mutant)}`);
  const noticed = mutants.length - survivors.length;
  const percent = ((100 * noticed) / mutants.length).toFixed(1);
  console.log(
    `scripts: ${mutants.length} mutants, ${noticed} noticed (${percent} %), ` +
      `${survivors.length - unexplained.length} kept with a reason, ${unexplained.length} without`,
  );
}

const keyOf = ({ around, was, becomes }) => `${around} | ${was} → ${becomes}`;
const reasonOf = mutant => SCRIPT_REASONS[keyOf(mutant)];
