import type { CallEndedDto } from '../events/dto/call-ended.dto.js';
import { CALL_ENDED } from '../events/revrag-event.js';
import { addMetadata } from './method-metadata.js';
import type { HandlerDecorator } from './on-revrag-event.decorator.js';
import { requireMethod } from './require-method.js';
import type { HandlerOptions } from './subscription.js';
import { variablesReader } from './variables-reader.js';
import type { InferVariables, VariablesSource } from './variables.js';

/** Options of a handler that gets the call's variables. */
export interface VariablesHandlerOptions<TSource extends VariablesSource> extends HandlerOptions {
  /**
   * What the call's variables have to be: a class with decorators of class-validator, or a schema of Zod,
   * Valibot, ArkType or any Standard Schema. It gets `custom_variables` as an object by key, or with
   * `{ schema, from: 'variables_fields' }` that field. For a call whose variables do not fit the handler
   * is not called: it fails for good, as with `RevragPermanentError`.
   */
  variables: TSource;
}

// Whichever fields a handler declares for its agent's variables.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type AnyCall = CallEndedDto<any>;

/**
 * Marks a method of any provider or controller as handler of `call.ended`. It is called with
 * `(call: CallEndedDto, delivery: Delivery)`, with `variables` as third argument where the options ask for
 * them; the sender gets its answer when it has finished.
 *
 * @throws RevragConfigurationError where it is not on a method, or `variables` is neither a class that is
 * decorated nor a schema
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
    // Also where it is undefined, as what a circular import left of a class.
    const variables = 'variables' in options ? variablesReader(name, options.variables) : undefined;
    const subscription = { type: CALL_ENDED, agentId, endpoint, id, variables };
    addMetadata(target, method, { subscriptions: [subscription] });
  };
}
