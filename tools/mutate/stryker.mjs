import { Stryker } from '@stryker-mutator/core';
import { summaryOf } from './summary.mjs';

const ROUTES = ['test/e2e/{app-chain,express-placement,several-endpoints,surroundings}.test.ts'];

const ON_A_PLATFORM = [
  'test/unit/core/http/endpoint-routes.test.ts',
  ...ROUTES,
  'test/e2e/{boot,bodies,platform}.test.ts',
];

const OWN = ['test/e2e/own-controller.test.ts'];

/** The tests that may notice: those near the folder, as each mutant costs a run of them. */
export const TESTS = {
  'lib/core/common': [
    'test/unit/core/common/**/*.test.ts',
    'test/unit/core/delivery/delivery-identity.test.ts',
  ],
  'lib/core/errors': [
    'test/unit/core/errors/**/*.test.ts',
    'test/unit/core/signature/verifier.test.ts',
    'test/unit/core/delivery/answer.test.ts',
  ],
  'lib/core/module': [
    'test/unit/core/module/**/*.test.ts',
    'test/integration/handlers/routing.test.ts',
    'test/integration/delivery/{once,rejected-deliveries,time-limits}.test.ts',
    'test/integration/secrets/inspection.test.ts',
    'test/e2e/{app-chain,boot,boot-warnings,service,several-endpoints}.test.ts',
  ],
  'lib/core/signature': [
    'test/unit/core/signature/**/*.test.ts',
    'test/integration/secrets/**/*.test.ts',
  ],
  'lib/core/events': [
    'test/unit/core/events/**/*.test.ts',
    'test/integration/handlers/{delivery,variables}.test.ts',
  ],
  'lib/core/handlers': [
    'test/unit/core/handlers/**/*.test.ts',
    'test/integration/handlers/**/*.test.ts',
    'test/integration/delivery/{rejected-deliveries,stuck-handlers,time-limits}.test.ts',
  ],
  'lib/core/delivery': [
    'test/unit/core/delivery/**/*.test.ts',
    'test/integration/delivery/**/*.test.ts',
  ],
  'lib/core/idempotency': [
    'test/unit/core/idempotency/**/*.test.ts',
    'test/contract/memory-*.test.ts',
  ],
  'lib/opentelemetry': [
    'test/unit/opentelemetry/**/*.test.ts',
    'test/integration/opentelemetry/{deliveries,stuck-handlers}.test.ts',
  ],
  'lib/cli/verify': ['test/unit/cli/read-capture.test.ts', 'test/integration/cli/diagnose.test.ts'],
  'lib/swagger': ['test/e2e/swagger.test.ts'],
  'lib/testing': ['test/integration/testing/{deliver,fresh}.test.ts'],
  'lib/core/http': ['test/unit/core/http/!(*-routes).test.ts'],
  'lib/core/http/body-capture.ts': ['test/e2e/{bodies,bounds,express-placement}.test.ts'],
  'lib/core/http/http-endpoints.ts': ['test/e2e/{boot,platform}.test.ts'],
  'lib/core/http/replay-body.ts': ['test/e2e/express-placement.test.ts'],
  'lib/core/http/unwanted-body.ts': [
    'test/unit/core/http/read-body.test.ts',
    'test/e2e/{bounds,raw-socket}.test.ts',
  ],
  'lib/core/http/revrag-delivery.decorator.ts': [...OWN, 'test/e2e/app-chain.test.ts'],
  'lib/core/http/revrag-endpoint.decorator.ts': OWN,
  'lib/core/http/revrag-event.pipe.ts': OWN,
  'lib/core/http/revrag-signature.guard.ts': OWN,
  'lib/core/http/nest-routes.ts': [
    'test/unit/core/http/{nest,endpoint}-routes.test.ts',
    'test/e2e/app-chain.test.ts',
  ],
  'lib/core/http/endpoint-routes.ts': [
    'test/unit/core/http/endpoint-routes.test.ts',
    'test/e2e/app-chain.test.ts',
    ...OWN,
  ],
  'lib/core/http/express-platform.ts': ON_A_PLATFORM,
  'lib/core/http/fastify-platform.ts': [...ON_A_PLATFORM, ...OWN, 'test/e2e/fastify.test.ts'],
};

/** Files that are not mutated with their folder. */
export const LEFT_OUT = [
  // Tests themselves: what they notice is seen in the mutants of the stores.
  'lib/testing/idempotency-store-*.ts',
  'lib/testing/store-probe.ts',
  // Their tests start processes.
  'lib/cli/verify/verify{-report,.command}.ts',
];

/** Tries the mutants of some files with the tests of some entries of `TESTS`. */
export async function mutate(files, names, options) {
  Object.assign(process.env, {
    MUTANTS_TESTS: JSON.stringify(names.flatMap(name => TESTS[name])),
    REVRAG_TEST_PLATFORM: names[0].includes('fastify') ? 'fastify' : 'express',
    // A mutant that never answers is a usual one.
    MUTANTS_TIMEOUT: '10000',
    // Property tests try few cases, and always the same.
    PROPERTY_SEED: '1',
    PROPERTY_CASES: '50',
  });
  const stryker = new Stryker({
    mutate: files,
    testRunner: 'vitest',
    vitest: { configFile: 'tools/mutate/vitest.config.mjs', related: false },
    plugins: [
      '@stryker-mutator/vitest-runner',
      './tools/mutate/prose.mjs',
      './tools/mutate/survivors.mjs',
    ],
    ignorers: ['prose'],
    coverageAnalysis: 'perTest',
    tempDirName: '.mutants/tmp',
    ignorePatterns: ['/*', '!/lib', '!/test', '!/tools', '!/package.json', '!/tsconfig*.json'],
    concurrency: 1,
    // Tests time out before: to end the process, and to start another, takes longer.
    timeoutMS: 20_000,
    reporters: ['progress-append-only', 'survivors'],
    allowConsoleColors: false,
    ...options,
  });
  // A run before may have tried files with this folder that have tests of their own by now.
  const results = await stryker.runMutationTest();
  const others = Object.keys(TESTS).filter(name => name.endsWith('.ts') && !names.includes(name));
  const own = results.filter(({ fileName }) => !others.some(name => fileName.endsWith(name)));
  return report(files.join(' '), summaryOf(own));
}

function report(what, summary) {
  const { mutants, noticed, survivors, unexplained } = summary;
  for (const { file, line, key } of unexplained) console.log(`${file}:${line}  ${key}`);
  const percent = ((100 * noticed) / mutants).toFixed(1);
  const kept = survivors.length - unexplained.length;
  console.log(
    `${what}: ${mutants} mutants, ${noticed} noticed (${percent} %), ${kept} kept with a reason, ` +
      `${unexplained.length} without`,
  );
  return summary;
}
