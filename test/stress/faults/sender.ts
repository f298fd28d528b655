import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { callEnded, signDelivery } from 'nestjs-revrag-webhook/testing';
import { SECRET } from '../../support/app.js';
import type { Cluster } from './cluster.js';
import type { Instance } from './instance.js';

/** Redeliveries that a provider makes before it gives up; bounded, so that a test ends. */
const MAX_TRIES = 400;
const BACKOFF_MS = [10, 20, 50, 100, 200];
/** A connection of its own for each delivery: a reused one may be closed just as it is used again. */
const agent = new Agent({ keepAlive: false });

export interface Sent {
  /** Statuses of all tries in order; 0 where there was no answer. */
  readonly statuses: number[];
  readonly acknowledged: boolean;
}

/** One try. Resolves to the status, 0 where the connection broke, -1 where nobody listened. */
export function tryOnce(
  url: string,
  delivery: { body: Buffer; headers: Record<string, string> },
): Promise<number> {
  return new Promise(resolve => {
    const headers = { ...delivery.headers, 'content-length': String(delivery.body.length) };
    const outgoing = request(url, { method: 'POST', agent, headers }, response => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
      response.on('error', () => resolve(0));
    });
    outgoing.on('error', error => {
      resolve((error as NodeJS.ErrnoException).code === 'ECONNREFUSED' ? -1 : 0);
    });
    outgoing.end(delivery.body);
  });
}

export const signCall = (id: string, fields: object = {}) =>
  signDelivery({
    secret: SECRET,
    id,
    body: Buffer.from(JSON.stringify(callEnded({ call_id: id, ...fields }))),
  });

/** Sends one event until it is acknowledged: the same id, signed anew for each try, to any instance. */
export async function send(cluster: Cluster, id: string, fields: object = {}): Promise<Sent> {
  const statuses: number[] = [];
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const instance: Instance | undefined = cluster.pick();
    const status = instance ? await tryOnce(instance.url, signCall(id, fields)) : -1;
    // Nobody listens there any more: a balancer takes the next one.
    if (status !== -1) statuses.push(status);
    if (status === 200) return { statuses, acknowledged: true };
    await delay(BACKOFF_MS[Math.min(tries, BACKOFF_MS.length - 1)]);
  }
  return { statuses, acknowledged: false };
}

/** Sends many events, each `copies` times at once, `concurrency` events at a time. */
export async function sendAll(
  cluster: Cluster,
  ids: readonly string[],
  { copies = 1, concurrency = 20, fields = {} } = {},
): Promise<Sent[]> {
  const sent: Sent[] = [];
  const queue = [...ids];
  const worker = async () => {
    for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
      const event = id;
      const all = Array.from({ length: copies }, () => send(cluster, event, fields));
      sent.push(...(await Promise.all(all)));
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return sent;
}
