import type { EventEmitter } from 'node:events';
import { Logger } from '@nestjs/common';
import type { Clock } from '../core/common/clock.js';
import { summarizeQueueError } from './summarize-queue-error.js';

/** A connection that is down fails many times a second. */
const QUIET_MS = 10_000;

/** Logs the errors of a BullMQ object: the first at once, then one every ten seconds. */
export function logErrors(emitter: EventEmitter, what: string, clock: Clock): void {
  const logger = new Logger('RevragBullModule');
  let quietUntil = -Infinity;
  emitter.on('error', (error: unknown) => {
    const now = clock.monotonic();
    if (now < quietUntil) return;
    quietUntil = now + QUIET_MS;
    logger.error(`Error of the ${what}: ${summarizeQueueError(error)}`);
  });
}
