import { Buffer } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import process from 'node:process';
import { MemoryIdempotencyStore } from 'nestjs-revrag-webhook';
import { serveTask, usedMicros } from '../support/task.mjs';

const BLOCK = 10_000;
const THREE_DAYS_MS = 3 * 24 * 3600 * 1000;

const ID_BYTES = 13;
const MAC_BYTES = 32;

/**
 * Ids and fingerprints as deliveries have them: flat strings of their own, which those put together of
 * others are not. Cut from the same bytes, so that the garbage is the store's and not that of making them.
 */
function requests() {
  const random = randomBytes(BLOCK * (ID_BYTES + MAC_BYTES));
  const id = Buffer.from(`evt_${'0'.repeat(2 * ID_BYTES)}`);
  return Array.from({ length: BLOCK }, (_, index) => {
    const start = index * (ID_BYTES + MAC_BYTES);
    const middle = start + ID_BYTES;
    id.write(random.toString('hex', start, middle), 'evt_'.length, 'latin1');
    return {
      endpoint: 'default',
      id: id.toString('latin1'),
      macs: [random.toString('base64url', middle, middle + MAC_BYTES)],
      lease: 60_000,
      macRetention: 660_000,
    };
  });
}

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
