import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer } from 'vitest/node';
import { keptThread } from './kept-thread.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const lib = path => `${root}lib/${path}`;

/** What noticed the last mutant comes first, then the shorter files: most mutants need few tests. */
class NoticesSoon extends BaseSequencer {
  async sort(specifications) {
    const { cache, config } = this.ctx;
    const orderOf = ({ moduleId }) => {
      const key = `:${relative(config.root, moduleId)}`;
      const size = cache.getFileStats(key)?.size ?? 0;
      return cache.getFileTestResults(key)?.failed ? size - 1e9 : size;
    };
    return [...specifications].sort((a, b) => orderOf(a) - orderOf(b));
  }
}

/** What Stryker runs for each mutant: tests of one process, which need no server, in one worker. */
export default defineConfig({
  root,
  resolve: {
    alias: [
      { find: /^nestjs-revrag-webhook$/, replacement: lib('index.ts') },
      { find: /^nestjs-revrag-webhook\/(.+)$/, replacement: lib('$1/index.ts') },
    ],
  },
  plugins: [keptThread(root)],
  test: {
    // By folder, in tools/mutate.mjs.
    include: JSON.parse(process.env.MUTANTS_TESTS ?? '[]'),
    // It measures time, which a mutant changes little and a busy machine much.
    exclude: ['test/unit/core/events/work.test.ts'],
    setupFiles: ['test/support/setup.ts'],
    // One import of Nest serves all files of a run.
    isolate: false,
    sequence: { sequencer: NoticesSoon },
    // Where a mutant makes a test wait for ever, the test gives up before Stryker does, which would start again.
    testTimeout: 5_000,
    env: { REVRAG_TEST_PATIENCE: '4000' },
    hookTimeout: 10_000,
    expect: { poll: { timeout: 5_000 } },
  },
});
