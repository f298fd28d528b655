import { randomUUID } from 'node:crypto';
import type { SignedDelivery } from '../../testing/sign-delivery.js';
import { CliError } from '../cli-error.js';
import { readBytes } from '../files.js';
import type { TimeOption } from '../option-values.js';
import { listSaved, readSaved } from '../saved-delivery.js';
import { fileBodies, sampleBodies, withNewCall, type BodySource } from './bodies.js';
import { signTampered, type Tampering } from './tamper.js';

export interface SendOptions {
  readonly file?: string;
  readonly messages?: number;
  readonly replay?: string;
  readonly newIds?: boolean;
  readonly id?: string;
  readonly type?: string;
  readonly timestamp?: TimeOption;
  readonly repeat?: number;
  readonly tamper?: Tampering;
}

/** Signs a delivery at the time it is sent. */
export type Step = () => SignedDelivery<Buffer> | Promise<SignedDelivery<Buffer>>;

/** The deliveries to send. */
interface Plan {
  readonly total: number;
  readonly steps: Iterable<Step>;
  /** What the user should know before. */
  readonly warning?: string;
}

/** @throws CliError where an input can't be read */
export async function makePlan(options: SendOptions, secret: string): Promise<Plan> {
  return options.replay === undefined
    ? planNew(options, secret)
    : planReplay(options.replay, options, secret);
}

async function planNew(options: SendOptions, secret: string): Promise<Plan> {
  const { file, messages, id, newIds = false, repeat: total = 1 } = options;
  const bytes = file === undefined ? undefined : await readBytes(file);
  const source = bytes ? fileBodies(bytes, newIds) : sampleBodies(messages);
  // One id is one delivery, sent again and again.
  const bodies: BodySource = id === undefined ? source : once(source);
  const mustVary = newIds || (total > 1 && id === undefined);
  const cannotVary = bytes !== undefined && mustVary && withNewCall(bytes) === undefined;
  return {
    total,
    steps: count(total, index => () => sign(options, secret, bodies(index), {})),
    ...(cannotVary && {
      warning:
        'The file is not a JSON object with a call_id to replace. A receiver recognises a delivery by its body, so ' +
        'expect duplicates.',
    }),
  };
}

async function planReplay(folder: string, options: SendOptions, secret: string): Promise<Plan> {
  const saved = await listSaved(folder);
  return {
    total: saved.length,
    steps: count(saved.length, index => async () => {
      const path = saved[index] as string;
      const { headers, body } = await readSaved(path);
      const { 'x-webhook-id': id, 'x-webhook-event': type } = headers;
      if (!id || !type) {
        throw new CliError(
          `${path}.headers.json has no X-Webhook-ID or no X-Webhook-Event.`,
          'Add the header, or remove both files from the folder.',
        );
      }
      // A body without a call_id stays as it is: the receiver decides whether it has seen it.
      return options.newIds
        ? sign(options, secret, withNewCall(body) ?? body, { type })
        : sign(options, secret, body, { id, type });
    }),
  };
}

function sign(
  options: SendOptions,
  secret: string,
  body: Buffer,
  saved: { id?: string | undefined; type?: string },
): SignedDelivery<Buffer> {
  const id = options.id ?? saved.id ?? `evt_${randomUUID()}`;
  const type = options.type ?? saved.type ?? 'call.ended';
  const now = new Date();
  const timestamp = options.timestamp?.(now) ?? now;
  return signTampered({ secret, body, id, type, timestamp }, options.tamper);
}

function once(source: BodySource): BodySource {
  let body: Buffer | undefined;
  return () => (body ??= source(0));
}

function* count<T>(total: number, make: (index: number) => T): Generator<T> {
  for (let index = 0; index < total; index += 1) yield make(index);
}
