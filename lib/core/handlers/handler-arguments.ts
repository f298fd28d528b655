import type { Awaitable } from '../common/awaitable.js';
import type { CallEndedDto } from '../events/dto/call-ended.dto.js';
import type { RevragEvent } from '../events/revrag-event.js';
import type { Handler } from './handler.js';
import { matches } from './subscription.js';
import type { VariablesReader } from './variables-reader.js';

/**
 * What a handler is called with: payload and delivery, and the variables where it asked for them.
 *
 * @throws RevragPermanentError where the variables do not fit; also by rejecting
 */
export function argumentsFor(
  { subscriptions }: Pick<Handler, 'subscriptions'>,
  event: RevragEvent,
): Awaitable<unknown[]> {
  const { payload, delivery } = event;
  const reader = readerFor(subscriptions, event);
  if (!reader) return [payload, delivery];
  const variables = reader.read(payload as CallEndedDto);
  return variables instanceof Promise
    ? variables.then((read: unknown) => [payload, delivery, read])
    : [payload, delivery, variables];
}

/** That of the first decorator that asks for variables and wants the event. */
function readerFor(
  subscriptions: Handler['subscriptions'],
  event: RevragEvent,
): VariablesReader | undefined {
  for (const subscription of subscriptions) {
    if (subscription.variables && matches(subscription, event)) return subscription.variables;
  }
  return undefined;
}
