import type { CallEndedDto } from '../events/dto/call-ended.dto.js';
import type { RevragEvent } from '../events/revrag-event.js';
import type { Handler } from './handler.js';
import { matches } from './subscription.js';
import type { VariablesReader } from './variables-reader.js';

/**
 * The arguments for a handler: payload, delivery, and the variables if its decorator asks for them.
 *
 * @throws RevragPermanentError if the variables do not fit
 */
export async function argumentsFor(
  { subscriptions }: Pick<Handler, 'subscriptions'>,
  event: RevragEvent,
): Promise<unknown[]> {
  const { payload, delivery } = event;
  const read = readerFor(subscriptions, event);
  return read ? [payload, delivery, await read(payload as CallEndedDto)] : [payload, delivery];
}

/** The reader of the first decorator that asks for variables and matches the event. */
function readerFor(
  subscriptions: Handler['subscriptions'],
  event: RevragEvent,
): VariablesReader | undefined {
  for (const subscription of subscriptions) {
    if (subscription.variables && matches(subscription, event)) return subscription.variables;
  }
  return undefined;
}
