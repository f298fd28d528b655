import { summarizeError } from '../core/errors/summarize-error.js';

/** Messages of BullMQ, which name a job by its id and quote nothing of it. */
const OWN_MESSAGES: readonly RegExp[] = [
  /^(?:Missing (?:key|lock)|Lock mismatch) for job [\w:-]+\. [\w ]+$/,
  /^Job [\w:-]+ is not in the [\w-]+ state\. \w+$/,
  /^could not renew lock for job [\w:-]+$/,
  /^Redis version needs to be greater or equal than [\d.]+ Current: [\d.]+$/,
];

/** As `summarizeError`, and what BullMQ says of a job. */
export function summarizeQueueError(error: unknown): string {
  const { message = '' } = (error ?? {}) as { message?: string };
  return OWN_MESSAGES.some(own => own.test(message)) ? message : summarizeError(error);
}
