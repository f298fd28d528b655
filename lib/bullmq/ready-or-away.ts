import type { Clock } from '../core/common/clock.js';
import { RevragConfigurationError } from '../core/errors/revrag-configuration.error.js';
import { within } from './within.js';

/** How long the boot waits for the server of the queue, in milliseconds. */
const BOOT_PATIENCE_MS = 5_000;

/**
 * Resolves when a BullMQ object is ready, or can't be yet: an app starts without its queue.
 *
 * @throws RevragConfigurationError if the server says that it never will be
 */
export async function readyOrAway(
  bull: { waitUntilReady(): Promise<unknown> },
  clock: Clock,
): Promise<void> {
  try {
    await within(bull.waitUntilReady(), BOOT_PATIENCE_MS, clock);
  } catch (error) {
    // Anything else is logged as an error of the object.
    if (error instanceof RevragConfigurationError) throw error;
  }
}
