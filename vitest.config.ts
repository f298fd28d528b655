import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const lib = (path: string) => fileURLToPath(new URL(`./lib/${path}`, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^nestjs-revrag-webhook$/, replacement: lib('index.ts') },
      { find: /^nestjs-revrag-webhook\/(.+)$/, replacement: lib('$1/index.ts') },
    ],
  },
  test: {
    setupFiles: ['reflect-metadata'],
    testTimeout: 20_000,
    // For a busy machine; nothing waits longer than it has to.
    expect: { poll: { timeout: 10_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'express',
          include: ['test/**/*.test.ts'],
          globalSetup: 'test/support/servers/global-setup.ts',
        },
      },
      {
        extends: true,
        test: {
          name: 'fastify',
          include: ['test/e2e/**/*.test.ts'],
          env: { REVRAG_TEST_PLATFORM: 'fastify' },
        },
      },
    ],
  },
});
