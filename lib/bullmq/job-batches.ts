import type { EventQueueClient } from './bull-connector.js';
import type { NewJob, QueueWrites } from './new-jobs.js';

/** Statements in progress at once. Jobs added meanwhile go into the next one. */
const MAX_STATEMENTS = 4;
const MAX_JOBS = 200;
/** BullMQ's bulk statement creates temporary tables, which cost as much as this many single statements. */
const MAX_SINGLE_JOBS = 4;
const MAX_CHARACTERS = 1_000_000;

interface Addition {
  readonly jobs: readonly NewJob[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Adds to PostgreSQL, in one statement, the jobs of all deliveries that wait for it. */
export class JobBatches implements QueueWrites {
  private readonly waiting: Addition[] = [];
  private statements = 0;

  constructor(private readonly queue: Pick<EventQueueClient, 'add' | 'addBulk'>) {}

  add(jobs: readonly NewJob[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ jobs, resolve, reject });
      this.next();
    });
  }

  private next(): void {
    if (this.waiting.length === 0 || this.statements >= MAX_STATEMENTS) return;
    this.statements += 1;
    void this.write(this.takeBatch()).finally(() => {
      this.statements -= 1;
      this.next();
    });
  }

  private takeBatch(): Addition[] {
    let jobs = 0;
    let characters = 0;
    const end = this.waiting.findIndex(addition => {
      jobs += addition.jobs.length;
      for (const { data } of addition.jobs) characters += 'body' in data ? data.body.length : 0;
      return jobs > MAX_JOBS || characters > MAX_CHARACTERS;
    });
    return this.waiting.splice(0, end < 0 ? this.waiting.length : Math.max(1, end));
  }

  private addAll(jobs: NewJob[]): Promise<unknown> {
    if (jobs.length > MAX_SINGLE_JOBS) return this.queue.addBulk(jobs);
    return Promise.all(jobs.map(({ name, data, opts }) => this.queue.add(name, data, opts)));
  }

  /** Never rejects. */
  private async write(batch: readonly Addition[]): Promise<void> {
    try {
      await this.addAll(batch.flatMap(({ jobs }) => jobs));
      for (const { resolve } of batch) resolve();
    } catch (error) {
      if (batch.length === 1 || !isAboutData(error)) {
        for (const { reject } of batch) reject(error);
      } else {
        // One delivery that PostgreSQL can't store must not fail the others.
        await Promise.all(batch.map(addition => this.write([addition])));
      }
    }
  }
}

/** SQLSTATE class 22, data exception. */
const isAboutData = (error: unknown): boolean =>
  String((error as { code?: unknown } | undefined)?.code).startsWith('22');
