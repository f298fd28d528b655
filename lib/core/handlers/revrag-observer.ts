import type { RevragEvent } from '../events/revrag-event.js';

/** What became of a delivery. Holds nothing of the payload. */
export interface DeliveryReport {
  /** Name of the endpoint. */
  readonly endpoint: string;
  /** Known once the delivery is verified. The sender chose it, so it is no attribute for a metric. */
  readonly id?: string;
  /** As `id`. */
  readonly type?: string;
  readonly outcome: string;
  /** Why it failed or was refused. */
  readonly code?: string;
  /** HTTP status of the answer. */
  readonly statusCode: number;
  /** Milliseconds. */
  readonly duration: number;
  /** Ids of the handlers that ran for it, or for which it is queued. */
  readonly handlers?: readonly string[];
  /** Ids of the handlers that have not finished. */
  readonly unfinished?: readonly string[];
  /** Ids of the handlers that gave up. */
  readonly abandoned?: readonly string[];
  /** Paths of the fields that break the contract, such as `duration`; at most 51. */
  readonly violations?: readonly string[];
}

/** A call of a handler. */
export interface HandlerCall {
  readonly handlerId: string;
  readonly endpoint: string;
  readonly deliveryId: string;
  readonly type: string;
}

/** Handlers that have not settled `graceTimeout` after `handlerTimeout`. */
export interface StuckHandlers {
  readonly endpoint: string;
  readonly deliveryId: string;
  readonly type: string;
  readonly handlerIds: readonly string[];
}

/**
 * Observes outcomes and errors: extend it, implement the methods that you need, and list the class among the
 * providers of any module that the app has at boot. An app may have several. What a method throws or rejects with is logged and changes
 * nothing else.
 *
 * @example
 * ```ts
 * @Injectable()
 * class ErrorReports extends RevragObserver {
 *   override onHandlerError(error: unknown, { handlerId }: HandlerCall) {
 *     Sentry.captureException(error, { tags: { handlerId } });
 *   }
 * }
 * ```
 */
export abstract class RevragObserver {
  /** Called once for each delivery, when its outcome is known. */
  onOutcome?(report: DeliveryReport): unknown;

  /** Called each time a handler fails or gives up, with what it threw. */
  onHandlerError?(error: unknown, call: HandlerCall): unknown;

  /**
   * Called, once for each content, with an event that is answered as a duplicate although its bytes differ from
   * those that were handled: a retry whose body was written again or, with `idempotency.by: 'call'`, anything else
   * that comes for the call.
   */
  onOtherContent?(event: RevragEvent): unknown;

  /** Called when handlers have not settled `graceTimeout` after `handlerTimeout`. */
  onStuckHandlers?(stuck: StuckHandlers): unknown;
}
