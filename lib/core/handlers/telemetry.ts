import type { DeliveryReport, HandlerCall } from './revrag-observer.js';

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
  /** The trace of the process that sent the job. */
  readonly carrier: TraceCarrier | undefined;
}

/** How many jobs are in a queue, and what became of them. */
export interface QueueDepth {
  /** Jobs that a worker can take now. */
  readonly waiting: number;
  /** Dead letters. */
  readonly failed: number;
  /** Seconds for which jobs have waited and no worker has taken one. */
  readonly progressAge: number;
}

/**
 * Spans and metrics. Optional: a global module provides it. Each `around…` calls `work` once, settles as `work`
 * does, and throws no further errors.
 */
export interface Telemetry {
  aroundDelivery<T>(endpoint: string, work: () => Promise<T>): Promise<T>;
  aroundHandler<T>(call: HandlerCall, work: () => Promise<T>): Promise<T>;
  /** Passes the trace that each job carries to `work`. */
  aroundSend<T>(sent: JobsSent, work: (carrier?: TraceCarrier) => Promise<T>): Promise<T>;
  aroundJob<T>(run: JobRun, work: () => Promise<T>): Promise<T>;
  /** Called when a handler has not settled within `graceTimeout`. `settling` settles as it does. */
  stuck(handlerId: string, settling: Promise<unknown>): void;
  /** Called each time the queue is looked at. */
  queue(name: string, depth: QueueDepth): void;
  /** Called once for each delivery, even one that was rejected by its headers and had no `aroundDelivery`. */
  outcome(report: DeliveryReport): void;
}

/** Injection token and type under one name. */
export const Telemetry = Symbol('RevragTelemetry');
