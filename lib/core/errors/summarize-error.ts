import { RevragConfigurationError } from './revrag-configuration.error.js';
import { RevragWebhookError } from './revrag-webhook.error.js';
import { ServerError } from './server.error.js';

const WORD = /^[\w.$-]{1,64}$/;
/** Replies of Redis begin with their code, such as `OOM` or `READONLY`; those of a script in Redis 6.2 end with them. */
const REDIS_CODE = /^(?:ERR Error running script [^-]*: -)?([A-Z]{2,20}) /;

/**
 * Messages of pg and ioredis for errors whose class and code do not name the cause. Each is constant but for a number
 * of milliseconds, so a message that is one of them quotes nothing.
 */
const CONSTANT_MESSAGES: readonly RegExp[] = [
  /^Query read timeout$/,
  /^timeout expired$/,
  /^timeout exceeded when trying to connect$/,
  /^Connection terminated( unexpectedly| due to connection timeout)?$/,
  /^Client (was closed|has encountered a connection error) and is not queryable$/,
  /^Cannot use a pool after calling end on the pool$/,
  /^The server does not support SSL connections$/,
  /^There was an error establishing an SSL connection$/,
  /^SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a (non-empty )?string$/,
  /^Connection is closed\.$/,
  /^Command timed out$/,
  /^Socket timeout\. Expecting data, but didn't receive any in \d+ms\.$/,
  /^(Stream isn't writeable|Cluster isn't ready) and enableOfflineQueue options is false$/,
  /^None of startup nodes is available$/,
  /^ERR max number of clients reached$/,
];

/**
 * The class and the code of another library's error, or a message that is known to quote nothing. Other messages
 * may quote statements, values or URLs with passwords, and fields may hold payloads, so neither is kept or logged.
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
  if (CONSTANT_MESSAGES.some(message => message.test(error.message))) return error.message;
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
  const text = typeof code === 'number' ? String(code) : code;
  return typeof text === 'string' && WORD.test(text) ? text : undefined;
}
