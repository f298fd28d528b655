import { RevragConfigurationError } from './revrag-configuration.error.js';
import { RevragWebhookError } from './revrag-webhook.error.js';
import { ServerError } from './server.error.js';

const WORD = /^[\w.$-]{1,64}$/;
/** Replies of Redis begin with their code, such as `OOM` or `READONLY`; those of a script in Redis 6.2 end with them. */
const REDIS_CODE = /^(?:ERR Error running script [^-]*: -)?([A-Z]{2,20}) /;

/**
 * The class and the code of another library's error. Its message may quote statements, values or URLs with
 * passwords, and its fields may hold payloads, so neither is kept or logged.
 *
 * Errors of this library are summarized by their message.
 */
export function summarizeError(error: unknown): string {
  if (
    error instanceof ServerError ||
    error instanceof RevragWebhookError ||
    error instanceof RevragConfigurationError
  ) {
    return error.message;
  }
  if (!(error instanceof Error)) return `a thrown ${error === null ? 'null' : typeof error}`;
  const words = [classOf(error), codeOf(error)];
  return words.filter(word => word !== undefined).join(' ');
}

function classOf({ name, constructor }: Error): string {
  // Errors of pg have the class DatabaseError and the name "error".
  const own = name === 'Error' || name === 'error' ? constructor.name : name;
  return typeof own === 'string' && WORD.test(own) ? own : 'Error';
}

function codeOf(error: Error): string | undefined {
  if (error.name === 'ReplyError') return REDIS_CODE.exec(error.message)?.[1];
  const { code } = error as { code?: unknown };
  const text = typeof code === 'string' || typeof code === 'number' ? String(code) : '';
  return WORD.test(text) ? text : undefined;
}
