import type { ResolvedBullOptions } from './resolve-bull-options.js';

/** Fails a job whose handler has not settled `graceTimeout` after its `handlerTimeout`. */
export class HandlerStuckError extends Error {
  constructor(handlerId: string, { graceTimeout, onStuck }: ResolvedBullOptions) {
    super(
      `Handler ${handlerId} is stuck: it has not settled ${graceTimeout} ms after its signal aborted. ` +
        (onStuck === 'release'
          ? 'The job is retried, and may overlap with the stuck run.'
          : 'It may still be running; retry the job once that run has ended.'),
    );
    // BullMQ makes a dead letter of a job that throws an error of this name.
    this.name = onStuck === 'release' ? 'HandlerStuckError' : 'UnrecoverableError';
  }
}
