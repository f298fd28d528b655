import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const lib = (path: string) => fileURLToPath(new URL(`./lib/${path}`, import.meta.url));

/** Tests that run within the process: their files share one, as loading Nest takes longer than most of them. */
const IN_PROCESS = [
  'test/unit/**/*.test.ts',
  'test/integration/{delivery,handlers,secrets,testing}/**/*.test.ts',
];
const E2E = ['test/e2e/**/*.test.ts'];

export default defineConfig({
  resolve: {
    alias: [
      { find: /^nestjs-revrag-webhook$/, replacement: lib('index.ts') },
      { find: /^nestjs-revrag-webhook\/(.+)$/, replacement: lib('$1/index.ts') },
    ],
  },
  test: {
    globalSetup: 'test/support/servers/global-setup.ts',
    setupFiles: ['test/support/setup.ts'],
    pool: 'forks',
    // For a busy machine; nothing waits longer than it has to.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: IN_PROCESS, isolate: false },
      },
      {
        extends: true,
        test: { name: 'express', include: E2E, isolate: false },
      },
      {
        extends: true,
        test: {
          name: 'fastify',
          include: E2E,
          isolate: false,
          env: { REVRAG_TEST_PLATFORM: 'fastify' },
        },
      },
      {
        extends: true,
        test: {
          name: 'servers',
          include: ['test/**/*.test.ts'],
          exclude: [...IN_PROCESS, ...E2E],
        },
      },
    ],
  },
});
