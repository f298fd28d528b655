import { hash } from 'node:crypto';
import { promisify } from 'node:util';
import { deflate, inflate } from 'node:zlib';
import type { Job } from 'bullmq';
import type { TraceCarrier } from '../core/handlers/delivery-observer.js';
import { VerifiedDelivery } from '../core/signature/verified-delivery.js';

/** A delivery as it rests in the queue: what is needed to make the same event again. */
export interface StoredDelivery {
  /** Of this format, so that a later release can tell. */
  readonly v: 1;
  readonly endpoint: string;
  readonly id: string;
  readonly type: string;
  /** Milliseconds since the Unix epoch. */
  readonly timestamp: number;
  /** The raw bytes in base64; deflated first if `deflated`. */
  readonly body: string;
  readonly deflated: boolean;
  /** Of the delivery that brought it. */
  readonly trace?: TraceCarrier | undefined;
}

/** To be handed to one handler. */
export interface HandlerJobData extends StoredDelivery {
  readonly handler: string;
}

/** Refused for its payload: to be read again, and handed to whichever handlers it has by then. */
export interface RejectedJobData extends StoredDelivery {
  readonly rejected: true;
}

/** What is left when all is done: enough to know it, nothing of the delivery. */
export interface DoneJobData {
  readonly v: 1;
  readonly done: true;
}

export type JobData = HandlerJobData | RejectedJobData | DoneJobData;
export type EventJob = Job<JobData>;

export const DONE: DoneJobData = { v: 1, done: true };

/** Name of jobs that are no handler's. */
export const REJECTED_JOB = '(rejected)';

/** Below this, deflating costs more than it saves. */
const DEFLATE_FROM_BYTES = 1_024;
/** Transcripts shrink to a quarter at the fastest level already. */
const FASTEST = { level: 1 };

/** What a delivery is known by in the queue. */
export type DeliveryToStore = Pick<
  VerifiedDelivery,
  'endpoint' | 'id' | 'type' | 'timestamp' | 'rawBody'
>;

export function storeDelivery(
  delivery: DeliveryToStore,
  trace?: TraceCarrier,
): StoredDelivery | Promise<StoredDelivery> {
  const { rawBody } = delivery;
  if (rawBody.length < DEFLATE_FROM_BYTES) return toStored(delivery, rawBody, false, trace);
  return promisify(deflate)(rawBody, FASTEST).then(body => toStored(delivery, body, true, trace));
}

function toStored(
  { endpoint, id, type, timestamp }: DeliveryToStore,
  bytes: Buffer,
  deflated: boolean,
  trace: TraceCarrier | undefined,
): StoredDelivery {
  const body = bytes.toString('base64');
  return { v: 1, endpoint, id, type, timestamp: timestamp.getTime(), body, deflated, trace };
}

export async function restoreDelivery(stored: StoredDelivery): Promise<VerifiedDelivery> {
  const { endpoint, id, type, timestamp, body, deflated } = stored;
  const bytes = Buffer.from(body, 'base64');
  const rawBody = deflated ? await promisify(inflate)(bytes) : bytes;
  return new VerifiedDelivery(id, type, new Date(timestamp), endpoint, rawBody);
}

/**
 * The same delivery and handler give the same id, so that what is persisted twice is there once. Hashed,
 * because BullMQ allows no colon in an id, and a sender chooses what is in a delivery's.
 */
export const handlerJobId = (delivery: DeliveryToStore, handlerId: string): string =>
  idOf(delivery.endpoint, delivery.id, handlerId);

/**
 * By content: a sender that tries again, or somebody who replays a delivery under fresh ids, adds nothing.
 */
export const rejectedJobId = ({ endpoint, type, rawBody }: DeliveryToStore): string =>
  idOf(REJECTED_JOB, endpoint, type, hash('sha256', rawBody, 'base64url'));

const idOf = (...parts: readonly string[]): string =>
  hash('sha256', JSON.stringify(parts), 'base64url');
