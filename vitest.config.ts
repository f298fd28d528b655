import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

const lib = (path: string) => fileURLToPath(new URL(`./lib/${path}`, import.meta.url));

const alias = [
  { find: /^nestjs-revrag-webhook$/, replacement: lib('index.ts') },
  { find: /^nestjs-revrag-webhook\/(.+)$/, replacement: lib('$1/index.ts') },
];

const UNIT = [
  'test/unit/**/*.test.ts',
  'test/integration/{delivery,handlers,secrets,testing}/**/*.test.ts',
];
const E2E = ['test/e2e/**/*.test.ts'];

/** Projects run one after the other, in the order of their numbers. */
function project(
  name: string,
  groupOrder: number,
  test: TestProjectInlineConfiguration['test'],
): TestProjectInlineConfiguration {
  return {
    resolve: { alias },
    test: {
      ...test,
      name,
      sequence: { groupOrder },
      setupFiles: ['test/support/setup.ts'],
      pool: 'forks',
      // To load Nest takes longer than most files do. A test that needs a process of its own starts one.
      isolate: false,
      // For a busy machine; nothing waits longer than it has to.
      testTimeout: 120_000,
      hookTimeout: 120_000,
      expect: { poll: { timeout: 60_000 } },
    },
  };
}

export default defineConfig({
  test: {
    globalSetup: 'test/support/servers/global-setup.ts',
    // Tests of servers wait more than they compute.
    maxWorkers: Math.max(2, availableParallelism()),
    projects: [
      project('unit', 0, { include: UNIT }),
      project('express', 1, { include: E2E }),
      project('fastify', 2, { include: E2E, env: { REVRAG_TEST_PLATFORM: 'fastify' } }),
      project('servers', 3, { include: ['test/**/*.test.ts'], exclude: [...UNIT, ...E2E] }),
    ],
  },
});
