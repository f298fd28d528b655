/** What became of a delivery, for a log. Holds nothing of the payload. */
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
