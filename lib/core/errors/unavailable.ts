import { RevragUnavailableError } from './revrag-unavailable.error.js';

const RETRY_AFTER_SECONDS = 5;
/** A secret function is not called again sooner. */
const SECRET_RETRY_AFTER_SECONDS = 10;

export const shuttingDown = (): RevragUnavailableError =>
  new RevragUnavailableError(
    'shutting_down',
    'The app is shutting down. Send the delivery again.',
    RETRY_AFTER_SECONDS,
  );

export const overloaded = (): RevragUnavailableError =>
  new RevragUnavailableError(
    'overloaded',
    'Too many bodies are being received. Send the delivery again.',
    RETRY_AFTER_SECONDS,
  );

/** @param cause For the log only. */
export const storeUnavailable = (message: string, cause: unknown): RevragUnavailableError =>
  new RevragUnavailableError('store_unavailable', message, RETRY_AFTER_SECONDS, { cause });

/** @param cause For the log only. */
export const secretUnavailable = (cause: unknown): RevragUnavailableError =>
  new RevragUnavailableError(
    'secret_unavailable',
    'The signing secret is temporarily unavailable. Send the delivery again.',
    SECRET_RETRY_AFTER_SECONDS,
    { cause },
  );
