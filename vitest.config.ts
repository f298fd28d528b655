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
    include: ['test/**/*.{test,e2e}.ts'],
    globalSetup: 'test/support/servers/global-setup.ts',
    setupFiles: ['reflect-metadata'],
    testTimeout: 20_000,
  },
});
