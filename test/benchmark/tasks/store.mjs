import { Buffer } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import process from 'node:process';
import { MemoryIdempotencyStore } from 'nestjs-revrag-webhook';
import { serveTask, usedMicros } from '../support/task.mjs';

const BLOCK = 10_000;
const THREE_DAYS_MS = 3 * 24 * 3600 * 1000;

const HANDLER_IDS = ['Calls.save'];
/** Of a digest: 132 bits in base64url. */
const LENGTH = 22;
const BYTES = 17;

/**
 * Digests as deliveries have them: flat strings, which those put together of others are not. Cut from the
 * same bytes, so that the garbage is the store's and not that of making them.
 */
function requests() {
  const random = randomBytes(BLOCK * 3 * BYTES);
  const text = Buffer.alloc(LENGTH + 1);
  const digest = start => {
    text.write(random.toString('base64url', start, start + BYTES), 'latin1');
    return text.toString('latin1', 0, LENGTH);
  };
  return Array.from({ length: BLOCK }, (_, index) => {
    const start = 3 * BYTES * index;
    return {
      identity: {
        call: digest(start),
        body: digest(start + BYTES),
        id: digest(start + 2 * BYTES),
      },
      by: 'delivery',
      handlerIds: HANDLER_IDS,
      lease: 60_000,
      retention: THREE_DAYS_MS,
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
      await store.end(claim, { handlerIds: HANDLER_IDS, retention: THREE_DAYS_MS });
    }
    blocks.push({ remembered, micros: (usedMicros() - before) / BLOCK });
  }
  const bytesPerId = (heapUsed() - heapBefore) / ids;
  // The store must outlive the measurement.
  const last = await store.claim(requests()[0]);
  return { blocks, bytesPerId, alive: last.status };
});
