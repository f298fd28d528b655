import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('../..', import.meta.url));
const lib = path => `${root}lib/${path}`;

/** What Stryker runs for each mutant: tests of one process, which need no server, in one worker. */
export default defineConfig({
  root,
  resolve: {
    alias: [
      { find: /^nestjs-revrag-webhook$/, replacement: lib('index.ts') },
      { find: /^nestjs-revrag-webhook\/(.+)$/, replacement: lib('$1/index.ts') },
    ],
  },
  test: {
    // By folder, in tools/mutate.mjs.
    include: JSON.parse(process.env.MUTANTS_TESTS ?? '[]'),
    // They start processes, which know nothing of the mutant.
    exclude: ['test/integration/testing/runners.test.ts'],
    setupFiles: ['test/support/setup.ts'],
    // One import of Nest serves all files of a run.
    isolate: false,
    testTimeout: 20_000,
    hookTimeout: 20_000,
    expect: { poll: { timeout: 5_000 } },
  },
});
