import { restoreDelivery, type StoredDelivery } from './event-job.js';

/** Why a delivery is among the dead letters. */
export type DeadLetterKind =
  /** The handler used up its attempts, failed permanently, or no longer exists. */
  | 'failed'
  /** The delivery was refused with 400. */
  | 'rejected';

/** An event that a handler has not finished, or a delivery that could not be read. */
export class DeadLetter {
  readonly #stored: StoredDelivery;

  /** @internal */
  constructor(
    stored: StoredDelivery,
    /** Of the job, for `retry()` and `remove()`. */
    readonly id: string,
    readonly kind: DeadLetterKind,
    /** Undefined for a rejected delivery. */
    readonly handlerId: string | undefined,
    /** How often the handler was started. */
    readonly attempts: number,
    /** Message of the last error. */
    readonly reason: string,
    readonly failedAt: Date,
  ) {
    this.#stored = stored;
    this.endpoint = stored.endpoint;
    this.deliveryId = stored.id;
    this.type = stored.type;
    this.timestamp = new Date(stored.timestamp);
  }

  readonly endpoint: string;

  /** X-Webhook-ID. */
  readonly deliveryId: string;

  /** Event type, such as `call.ended`. */
  readonly type: string;

  /** When the sender signed the delivery. */
  readonly timestamp: Date;

  /** The exact bytes that were signed. A method, so that logging a dead letter does not log a transcript. */
  async readBody(): Promise<Buffer> {
    return (await restoreDelivery(this.#stored)).rawBody;
  }
}
