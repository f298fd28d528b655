export { DeadLetter, type DeadLetterKind } from './dead-letter.js';
export {
  RevragDeadLetters,
  type DeadLetterFilter,
  type DeadLetterPage,
} from './revrag-dead-letters.js';
export { RevragBullModule, type RevragBullAsyncOptions } from './revrag-bull.module.js';
export type {
  KeepJobsOptions,
  RetryBackoffOptions,
  RevragBullModuleOptions,
  RevragBullOptions,
  RevragBullOptionsFactory,
  RevragBullRole,
} from './revrag-bull.options.js';
export { RevragQueueMonitor, type QueueProgress } from './revrag-queue-monitor.js';
