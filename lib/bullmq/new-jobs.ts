import type { EventQueueClient } from './bull-connector.js';

export type NewJob = Parameters<EventQueueClient['addBulk']>[0][number];

/** Adds jobs to a queue. */
export interface QueueWrites {
  add(jobs: readonly NewJob[]): Promise<unknown>;
}
