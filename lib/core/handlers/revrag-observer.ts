import type { DeliveryReport, HandlerCall } from './delivery-observer.js';

/** Handlers that have not settled, long after they should have. */
export interface StuckHandlers {
  readonly endpoint: string;
  readonly deliveryId: string;
  readonly type: string;
  readonly handlerIds: readonly string[];
}

/**
 * Learns what becomes of deliveries: extend it, implement what you need, and list the class among the providers
 * of any module. There may be several. What a method throws, or a promise that it returns rejects with, is
 * logged and changes nothing else.
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

  /** Called when handlers have not settled `graceTimeout` after `handlerTimeout`. */
  onStuckHandlers?(stuck: StuckHandlers): unknown;
}
