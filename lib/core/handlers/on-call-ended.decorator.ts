import type { CallEndedDto } from '../events/dto/call-ended.dto.js';
import { CALL_ENDED } from '../events/revrag-event.js';
import { OnRevragEvent, type HandlerDecorator } from './on-revrag-event.decorator.js';
import type { HandlerOptions } from './subscription.js';

/**
 * Marks a method of any provider or controller as handler of `call.ended`. It is called with
 * `(call: CallEndedDto, delivery: Delivery)`; the sender gets its answer when it has finished.
 *
 * @example
 * ```ts
 * @OnCallEnded({ agentId: 'agent_42' })
 * async save(call: CallEndedDto, delivery: Delivery) {}
 * ```
 */
export const OnCallEnded = (
  options: HandlerOptions = {},
  // Whichever fields a handler declares for its agent's variables.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
): HandlerDecorator<CallEndedDto<any>> => OnRevragEvent(CALL_ENDED, options);
