import type { RevragEvent } from '../events/revrag-event.js';
import type { VariablesReader } from './variables-reader.js';

/** Matches every event type. */
export const ANY_TYPE = '*';

/** In place of an event type: deliveries that were rejected for their payload. No sender can choose it. */
export const REJECTED = Symbol('rejected');

/** Which events a handler gets. */
export interface HandlerOptions {
  /** Only calls of this agent, or of these. Default: every agent. */
  agentId?: string | readonly string[] | undefined;
  /** Only deliveries of the endpoint with this name. Default: every endpoint. */
  endpoint?: string | undefined;
  /**
   * The id under which the store records progress: give one before you rename class or method.
   * Default: `Class.method`.
   */
  id?: string | undefined;
}

/** One decorator on a method. */
export interface Subscription extends HandlerOptions {
  readonly type: string | typeof REJECTED;
  /** Makes the handler's third argument, if the decorator asks for one. */
  readonly variables?: VariablesReader | undefined;
}

/** Which rejected deliveries a method gets. */
export interface RejectedDeliveryOptions {
  /** Only those of the endpoint with this name. Default: every endpoint. */
  endpoint?: string | undefined;
  /** As `HandlerOptions.id`. */
  id?: string | undefined;
}

/** Whether a decorator's method gets an event. */
export function matches(subscription: Subscription, event: RevragEvent): boolean {
  const { type, endpoint, agentId } = subscription;
  if (type !== ANY_TYPE && type !== event.type) return false;
  if (endpoint !== undefined && endpoint !== event.delivery.endpoint) return false;
  if (agentId === undefined) return true;
  const agent = (event.payload as { agent_id?: unknown } | null | undefined)?.agent_id;
  return typeof agentId === 'string' ? agent === agentId : agentId.some(id => id === agent);
}

/** Whether a decorator's method gets rejected deliveries of an endpoint. */
export const matchesRejected = (subscription: Subscription, endpoint: string): boolean =>
  subscription.type === REJECTED && (subscription.endpoint ?? endpoint) === endpoint;
