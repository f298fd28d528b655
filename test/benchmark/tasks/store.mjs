import { randomBytes } from 'node:crypto';
import process from 'node:process';
import { MemoryIdempotencyStore } from 'nestjs-revrag-webhook';
import { serveTask, usedMicros } from '../support/task.mjs';

const BLOCK = 10_000;
const THREE_DAYS_MS = 3 * 24 * 3600 * 1000;

/** Ids and fingerprints as deliveries have them: flat strings of their own. */
const requests = () =>
  Array.from({ length: BLOCK }, () => ({
    endpoint: 'default',
    id: `evt_${randomBytes(13).toString('hex')}`,
    macs: [randomBytes(32).toString('base64url')],
    lease: 60_000,
    macRetention: 660_000,
  }));

const heapUsed = () => {
  globalThis.gc();
  const { heapUsed: heap, arrayBuffers } = process.memoryUsage();
  return heap + arrayBuffers;
};

serveTask(async ({ ids }) => {
  const store = new MemoryIdempotencyStore({ maxEntries: ids });
  const heapBefore = heapUsed();
  const blocks = [];
  for (let remembered = 0; remembered < ids; remembered += BLOCK) {
    const block = requests();
    const before = usedMicros();
    for (const request of block) {
      const { claim } = await store.claim(request);
      await store.complete(claim, THREE_DAYS_MS);
    }
    blocks.push({ remembered, micros: (usedMicros() - before) / BLOCK });
  }
  const bytesPerId = (heapUsed() - heapBefore) / ids;
  // The store must outlive the measurement.
  const last = await store.claim(requests()[0]);
  return { blocks, bytesPerId, alive: last.status };
});
