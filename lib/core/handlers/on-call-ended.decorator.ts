import type { CallEndedDto } from '../events/dto/call-ended.dto.js';
import { CALL_ENDED } from '../events/revrag-event.js';
import { addSubscription } from './method-metadata.js';
import type { HandlerDecorator } from './on-revrag-event.decorator.js';
import { requireMethod } from './require-method.js';
import type { HandlerOptions } from './subscription.js';
import { variablesReader } from './variables-reader.js';
import type { InferVariables, VariablesSource } from './variables.js';

/** Options of a handler that gets the call's variables. */
export interface VariablesHandlerOptions<TSource extends VariablesSource> extends HandlerOptions {
  /**
   * What the call's variables must be: a class with decorators of class-validator, or a schema of Zod, Valibot,
   * ArkType or any Standard Schema. It checks `custom_variables` as an object by key, or with
   * `{ schema, from: 'variables_fields' }` that field. If the variables do not fit, the handler is not called and
   * fails with a `RevragPermanentError`.
   */
  variables: TSource;
}

// Accepts a handler that declares any fields for its agent's variables.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type AnyCall = CallEndedDto<any>;

/**
 * Marks a method of any provider or controller as a handler of `call.ended`. It is called with
 * `(call: CallEndedDto, delivery: Delivery)`, and with the variables as third argument if the options ask for them.
 * The sender gets its answer when the handler has finished.
 *
 * @throws RevragConfigurationError if it is not on a method, or `variables` is neither a decorated class nor a schema
 *
 * @example
 * ```ts
 * @OnCallEnded({ agentId: 'agent_42', variables: LoanVariables })
 * async save(call: CallEndedDto, delivery: Delivery, variables: LoanVariables) {}
 * ```
 */
export function OnCallEnded<TSource extends VariablesSource>(
  options: VariablesHandlerOptions<TSource>,
): HandlerDecorator<AnyCall, [variables: InferVariables<TSource>]>;
export function OnCallEnded(options?: HandlerOptions): HandlerDecorator<AnyCall>;
export function OnCallEnded(
  options: HandlerOptions & { variables?: VariablesSource } = {},
): HandlerDecorator<AnyCall, [variables: unknown]> {
  return (target, method, descriptor?: PropertyDescriptor) => {
    requireMethod('@OnCallEnded()', target, method, descriptor);
    const { agentId, endpoint, id } = options;
    const name = `@OnCallEnded() on ${String(method)}`;
    // Also rejects undefined, which a class is in a circular import.
    const variables = 'variables' in options ? variablesReader(name, options.variables) : undefined;
    addSubscription(target, method, { type: CALL_ENDED, agentId, endpoint, id, variables });
  };
}
