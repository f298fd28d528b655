/** What became of a delivery, fit for a log. Nothing of its payload. */
export interface DeliveryReport {
  /** Name of the endpoint. */
  readonly endpoint: string;
  /** Known once the delivery is verified. The sender chose it: never for a metric. */
  readonly id?: string;
  /** As `id`. */
  readonly type?: string;
  readonly outcome: string;
  /** Why it failed or was refused. */
  readonly code?: string;
  /** Of the answer. */
  readonly statusCode: number;
  /** Milliseconds. */
  readonly duration: number;
  /** Ids of the handlers that ran for it, or that it is queued for. */
  readonly handlers?: readonly string[];
  /** Those that have not finished. */
  readonly unfinished?: readonly string[];
}

/** A call of a handler. */
export interface HandlerCall {
  readonly handlerId: string;
  readonly endpoint: string;
  readonly deliveryId: string;
  readonly type: string;
}

/** What carries a trace to another process, such as `traceparent`. */
export type TraceCarrier = Readonly<Record<string, string>>;

/** Jobs on their way into a queue. */
export interface JobsSent {
  readonly queue: string;
  readonly count: number;
}

/** A job that a worker runs. */
export interface JobRun {
  readonly queue: string;
  readonly jobId: string | undefined;
  /** From 1. */
  readonly attempt: number;
  readonly endpoint: string;
  readonly deliveryId: string;
  readonly type: string;
  /** Of who sent it. */
  readonly carrier: TraceCarrier | undefined;
}

/**
 * Sees deliveries on their way, for telemetry; not there unless a global module provides it. Each
 * `around…` calls `work` once, settles as that does, and fails for no reason of its own.
 */
export interface DeliveryObserver {
  aroundDelivery<T>(endpoint: string, work: () => Promise<T>): Promise<T>;
  aroundHandler<T>(call: HandlerCall, work: () => Promise<T>): Promise<T>;
  /** Gives `work` what each job is to carry. */
  aroundSend<T>(sent: JobsSent, work: (carrier?: TraceCarrier) => Promise<T>): Promise<T>;
  aroundJob<T>(run: JobRun, work: () => Promise<T>): Promise<T>;
  /** Called once for each delivery, also for one that its headers condemned, around which nothing is. */
  settled(report: DeliveryReport): void;
}

/** Injection token and type under one name. */
export const DeliveryObserver = Symbol('RevragDeliveryObserver');
