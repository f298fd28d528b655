import { MAX_TIMER_MS } from '../common/clock.js';
import type { IdempotencyScope, IdempotencyStore } from '../idempotency/idempotency-store.js';
import type { RevragWebhookOptions, RevragWebhookSecret } from './revrag-webhook.options.js';
import { RevragConfigurationError } from '../errors/revrag-configuration.error.js';
import type { Accept } from '../delivery/endpoint-registry.js';
import type { SecretSource } from '../signature/secrets.js';

/** Checked options with their defaults, in bytes and milliseconds. */
export interface ResolvedOptions {
  readonly secret: SecretSource;
  readonly secretHeaders: readonly string[];
  readonly secretMaxStale: number;
  readonly tolerance: number;
  readonly bodyLimit: number;
  /** Whether any violation of the contract rejects a payload. */
  readonly strict: boolean;
  readonly bodyTimeout: number;
  readonly accept: Accept | undefined;
  /** `undefined` for the injected or the memory store. */
  readonly store: IdempotencyStore | undefined;
  readonly idempotent: boolean;
  readonly by: IdempotencyScope;
  readonly retention: number;
  readonly lease: number;
  readonly handlerTimeout: number | undefined;
  readonly graceTimeout: number;
  readonly onStuck: 'keep' | 'release';
  readonly shutdownTimeout: number;
}

const OPTIONS = [
  'secret',
  'secretHeaders',
  'secretMaxStale',
  'tolerance',
  'bodyLimit',
  'validation',
  'bodyTimeout',
  'accept',
  'idempotency',
  'handlerTimeout',
  'graceTimeout',
  'onStuck',
  'shutdownTimeout',
];
const VALIDATIONS = ['lenient', 'strict'] as const;
const IDEMPOTENCY_OPTIONS = ['store', 'by', 'retention', 'lease'];
const HEADER_NAME = /^[\w-]{1,100}$/;

/** @throws RevragConfigurationError that names the option, the mistake and the cure */
export function resolveOptions(
  given: RevragWebhookOptions | RevragWebhookSecret,
  endpoint: string,
): ResolvedOptions {
  const check = new OptionCheck(endpoint);
  const options = toOptions(given);
  check.names(options, OPTIONS, '');
  const { idempotency = {} } = options;
  if (idempotency !== false) {
    check.object('idempotency', idempotency);
    check.names(idempotency, IDEMPOTENCY_OPTIONS, 'idempotency.');
  }
  const { store, by = 'delivery', retention = 3 * 24 * 3600, lease = 60 } = idempotency || {};
  if (store !== undefined) check.store(store);
  const { secretHeaders = [], secretMaxStale = 3_600 } = options;
  const { tolerance = 300, bodyLimit = '5mb', bodyTimeout = 30_000, accept } = options;
  const { handlerTimeout, shutdownTimeout = 10_000 } = options;
  const { graceTimeout = 60_000, onStuck = 'keep' } = options;
  check.number('tolerance', tolerance, 1, 86_400);
  if (accept !== undefined) check.function('accept', accept);
  return {
    // Checked later, when the keys are prepared, together with the answers of a function.
    secret: options.secret as SecretSource,
    secretHeaders: check.headers('secretHeaders', secretHeaders),
    secretMaxStale: check.number('secretMaxStale', secretMaxStale, 0, 30 * 86_400) * 1000,
    tolerance: tolerance * 1000,
    bodyLimit: check.bytes('bodyLimit', bodyLimit),
    strict: check.oneOf('validation', options.validation ?? 'lenient', VALIDATIONS) === 'strict',
    // A body that takes longer than the tolerance would be refused as stale.
    bodyTimeout: Math.min(
      check.number('bodyTimeout', bodyTimeout, 1, MAX_TIMER_MS),
      tolerance * 1000,
    ),
    accept,
    store,
    idempotent: idempotency !== false,
    by: check.oneOf('idempotency.by', by, ['delivery', 'call']),
    retention: check.retention(retention, tolerance) * 1000,
    lease: check.number('idempotency.lease', lease, 1, 86_400) * 1000,
    handlerTimeout:
      handlerTimeout === undefined
        ? undefined
        : check.number('handlerTimeout', handlerTimeout, 1, MAX_TIMER_MS),
    graceTimeout: check.number('graceTimeout', graceTimeout, 0, MAX_TIMER_MS),
    onStuck: check.oneOf('onStuck', onStuck, ['keep', 'release']),
    shutdownTimeout: check.number('shutdownTimeout', shutdownTimeout, 0, MAX_TIMER_MS),
  };
}

/** The short form, a secret or several, as options. */
export function toOptions<T extends RevragWebhookOptions>(
  given: T | RevragWebhookSecret,
): T | RevragWebhookOptions {
  const isSecret = typeof given !== 'object' || given === null || Array.isArray(given);
  return isSecret ? { secret: given as RevragWebhookSecret } : (given as T);
}

const UNITS: Readonly<Record<string, number>> = { b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 };

class OptionCheck {
  constructor(private readonly endpoint: string) {}

  names(options: object, known: readonly string[], prefix: string): void {
    const unknown = Object.keys(options).find(key => !known.includes(key));
    if (unknown === undefined) return;
    const cure = ['name', 'path', 'decorators', 'isGlobal'].includes(unknown)
      ? 'It is an option of the module: give it to forRootAsync() beside the factory.'
      : `Known are ${known.join(', ')}.`;
    throw this.invalid(`there is no option ${prefix}${unknown}. ${cure}`);
  }

  number(name: string, value: unknown, min: number, max: number): number {
    if (typeof value === 'number' && value >= min && value <= max) return value;
    throw this.invalid(`${name} must be a number from ${min} to ${max}.`);
  }

  oneOf<T extends string>(name: string, value: unknown, known: readonly T[]): T {
    const found = known.find(one => one === value);
    if (found !== undefined) return found;
    throw this.invalid(`${name} must be ${known.map(one => `'${one}'`).join(' or ')}.`);
  }

  /** A captured delivery can be replayed for twice the tolerance (decision 44). */
  retention(retention: unknown, tolerance: number): number {
    const seconds = this.number('idempotency.retention', retention, 1, 10 * 365 * 86_400);
    if (seconds >= 2 * tolerance) return seconds;
    throw this.invalid(
      `idempotency.retention (${seconds} s) must be at least twice the tolerance (${tolerance} s): a ` +
        'captured delivery could be replayed after the store has forgotten it.',
    );
  }

  bytes(name: string, value: unknown): number {
    if (typeof value !== 'string') return this.number(name, value, 1, Number.MAX_SAFE_INTEGER);
    const [, amount, unit = 'b'] = /^(\d+(?:\.\d+)?) ?([kmg]?b)?$/i.exec(value) ?? [];
    if (amount === undefined) {
      throw this.invalid(`${name} must be a number of bytes or text such as '512kb' or '5mb'.`);
    }
    return this.bytes(name, Math.floor(Number(amount) * (UNITS[unit.toLowerCase()] as number)));
  }

  headers(name: string, value: unknown): readonly string[] {
    const isName = (each: unknown) => typeof each === 'string' && HEADER_NAME.test(each);
    if (Array.isArray(value) && value.every(isName))
      return value.map(each => String(each).toLowerCase());
    throw this.invalid(`${name} must be a list of names of headers, such as ['x-tenant-id'].`);
  }

  object(name: string, value: unknown): void {
    if (typeof value === 'object' && value !== null) return;
    throw this.invalid(`${name} must be false or an object of options.`);
  }

  function(name: string, value: unknown): void {
    if (typeof value !== 'function') throw this.invalid(`${name} must be a function.`);
  }

  store(store: unknown): void {
    const operations = ['claim', 'renew', 'record', 'end'] as const;
    const missing = operations.find(
      operation => typeof (store as Partial<IdempotencyStore> | null)?.[operation] !== 'function',
    );
    if (missing) {
      throw this.invalid(`idempotency.store must be an IdempotencyStore; it has no ${missing}().`);
    }
  }

  private invalid(problem: string): RevragConfigurationError {
    return new RevragConfigurationError(`RevRag webhook endpoint "${this.endpoint}": ${problem}`);
  }
}
