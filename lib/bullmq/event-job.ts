import { promisify } from 'node:util';
import { deflate, deflateSync, inflate, inflateSync } from 'node:zlib';
import type { Job } from 'bullmq';
import { identityOf } from '../core/delivery/delivery-identity.js';
import { digest } from '../core/common/digest.js';
import { printable } from '../core/common/printable.js';
import type { TraceCarrier } from '../core/handlers/telemetry.js';
import type { PathParams } from '../core/signature/path-params.js';
import type { SenderHeaders } from '../core/signature/sender-headers.js';
import { VerifiedDelivery } from '../core/signature/verified-delivery.js';

/** A delivery as the queue stores it. */
export interface StoredDelivery {
  /** Version of this format. */
  readonly v: 1;
  readonly endpoint: string;
  readonly id: string;
  readonly type: string;
  /** Milliseconds since the Unix epoch. */
  readonly timestamp: number;
  /** The raw bytes in base64; deflated first if `deflated`. */
  readonly body: string;
  readonly deflated: boolean;
  readonly headers?: SenderHeaders | undefined;
  readonly params?: PathParams | undefined;
  /** Set if no secret depends on the parameters. */
  readonly hasFixedSecrets?: boolean | undefined;
  /** Trace of the request that brought the delivery. */
  readonly trace?: TraceCarrier | undefined;
}

/** To be handed to one handler. */
export interface HandlerJobData extends StoredDelivery {
  readonly handler: string;
  /** `Delivery.key`. */
  readonly key: string;
}

/** Rejected for its payload. A run parses it again and adds a job for each handler that it then has. */
export interface RejectedJobData extends StoredDelivery {
  readonly rejected: true;
  /** Whether its endpoint checked it strictly, for a worker without that endpoint. */
  readonly strict: boolean;
}

/** What a finished job keeps. */
interface DoneJobData {
  readonly v: 1;
  readonly done: true;
}

export type JobData = HandlerJobData | RejectedJobData | DoneJobData;
export type EventJob = Job<JobData>;

export const DONE: DoneJobData = { v: 1, done: true };

const REJECTED = '(rejected)';
/** Below this, deflating costs more than it saves. */
const DEFLATE_FROM_BYTES = 1_024;
/** Below this, a thread costs more than it takes off the event loop. */
const THREAD_FROM_BYTES = 16_384;
/** Transcripts shrink to a quarter at the fastest level already. */
const FASTEST = { level: 1 };

export async function storeDelivery(
  delivery: VerifiedDelivery,
  trace?: TraceCarrier,
): Promise<StoredDelivery> {
  const { endpoint, id, type, headers, params, rawBody } = delivery;
  const deflated = rawBody.length >= DEFLATE_FROM_BYTES;
  const bytes = deflated ? await deflatedOf(rawBody) : rawBody;
  const body = bytes.toString('base64');
  const timestamp = delivery.timestamp.getTime();
  const hasFixedSecrets = VerifiedDelivery.hasFixedSecrets(delivery) || undefined;
  const sent = { headers, params, hasFixedSecrets };
  return { v: 1, endpoint, id, type, timestamp, body, deflated, ...sent, trace };
}

export async function restoreDelivery(stored: StoredDelivery): Promise<VerifiedDelivery> {
  const { endpoint, id, type, timestamp, body, deflated, headers, params, hasFixedSecrets } =
    stored;
  const bytes = Buffer.from(body, 'base64');
  const rawBody = deflated ? await inflatedOf(bytes) : bytes;
  const sent = { headers, params, hasFixedSecrets };
  return new VerifiedDelivery(id, type, new Date(timestamp), endpoint, rawBody, sent);
}

const deflatedOf = (bytes: Buffer): Buffer | Promise<Buffer> =>
  bytes.length < THREAD_FROM_BYTES
    ? deflateSync(bytes, FASTEST)
    : promisify(deflate)(bytes, FASTEST);

const inflatedOf = (bytes: Buffer): Buffer | Promise<Buffer> =>
  bytes.length < THREAD_FROM_BYTES ? inflateSync(bytes) : promisify(inflate)(bytes);

/** The same delivery and handler give the same job, whatever id the delivery carries. */
export const handlerJobId = (key: string, handlerId: string): string => digest(key, handlerId);

/** One job for each content: neither the id nor the type of a delivery is signed. */
export const rejectedJobId = (delivery: VerifiedDelivery): string =>
  digest(REJECTED, identityOf(delivery).body);

/** What people see of a job, such as in Bull Board. Holds ids only. */
export function handlerJobName(handlerId: string, payload: unknown, deliveryId: string): string {
  const call = (payload as { call_id?: unknown } | null | undefined)?.call_id;
  const ids = typeof call === 'string' ? [call, deliveryId] : [deliveryId];
  return [handlerId, ...ids.map(id => printable(id))].join(' · ');
}

export const rejectedJobName = (deliveryId: string): string =>
  `${REJECTED} · ${printable(deliveryId)}`;
