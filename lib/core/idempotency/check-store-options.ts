import { RevragConfigurationError } from '../errors/revrag-configuration.error.js';

export const STORE_CLOSED =
  'the store is closed, as an app that uses it has been closed. Make one for each app: in the factory of ' +
  'forRootAsync(), or as a provider';

/** An hour: a store's own timers wait for a few times as long, and Node's must not overflow. */
const MAX_TIMEOUT_MS = 3_600_000;

/**
 * Checks the options of a store for other names than the known ones, and its timeout.
 *
 * @throws RevragConfigurationError that names the store and the option
 */
export function checkStoreOptions(
  store: string,
  options: { readonly timeout?: unknown },
  known: readonly string[],
): void {
  const unknown = Object.keys(options).find(name => !known.includes(name));
  const { timeout } = options;
  if (unknown !== undefined) {
    throw new RevragConfigurationError(
      `${store}: there is no option ${unknown}. Known are ${known.join(', ')}.`,
    );
  }
  if (timeout === undefined) return;
  if (typeof timeout === 'number' && timeout > 0 && timeout <= MAX_TIMEOUT_MS) return;
  throw new RevragConfigurationError(
    `${store}: timeout must be a number of milliseconds above 0, ${MAX_TIMEOUT_MS} at most.`,
  );
}
