import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { callEnded, signDelivery, type SignedDelivery } from 'nestjs-revrag-webhook/testing';
import { SECRET } from '../../../support/app.js';
import type { Random } from '../../fuzz/random.js';
import type { Instance } from '../instance.js';
import { now, type Sent } from './history.js';
import { post } from './post.js';

const FIRST_BACKOFF_MS = 50;
const MAX_BACKOFF_MS = 1_000;
/** Between the events of one line, so that a long run stays of a size that can be checked. */
const PAUSE_MS = 60;

/** What a provider may do when it sends again: the same, under another id, or with other bytes. */
const HABITS = ['same', 'same', 'same', 'fresh id', 'rewritten'] as const;

/** An event as the provider keeps it. */
interface Outgoing {
  readonly sent: Sent;
  readonly habit: (typeof HABITS)[number];
  readonly fields: object;
  readonly random: Random;
}

/** An instance with the handlers of the release that it runs. */
export interface Target {
  readonly instance: Instance;
  handlers: readonly string[];
}

/**
 * Sends events as a provider does: until each is acknowledged, with backoff, to any instance that a balancer
 * knows, at times twice at once, and at times again although it was acknowledged.
 */
export class Provider {
  readonly sent: Sent[] = [];
  private readonly late: Promise<void>[] = [];
  private readonly end = new AbortController();
  /** Nothing is sent after this. */
  private deadline = Infinity;

  constructor(
    private readonly targets: readonly Target[],
    /** A stream of numbers for the event of this index. */
    private readonly randomOf: (index: number) => Random,
  ) {
    // Each redelivery that waits has one.
    setMaxListeners(0, this.end.signal);
  }

  /** Sends on so many lines until `stop()`, and resolves when all is acknowledged or the deadline has come. */
  async run(lines: number): Promise<void> {
    const line = async (): Promise<void> => {
      while (!this.end.signal.aborted) {
        await this.sendNext();
        await delay(PAUSE_MS);
      }
    };
    await Promise.all(Array.from({ length: lines }, line));
    await Promise.all(this.late);
  }

  /** Begins no further event; those under way go on for so long at most. */
  stop(patience: number): void {
    this.deadline = now() + patience;
    this.end.abort();
  }

  private async sendNext(): Promise<void> {
    const index = this.sent.length;
    const random = this.randomOf(index);
    const call = `call-${index}`;
    const sent: Sent = { call, answers: [], isAcknowledged: false };
    this.sent.push(sent);
    const takes = random.chance(0.04) ? random.int(500, 1_500) : random.int(0, 40);
    const fails = random.chance(0.05) ? random.pick(['ledger', 'crm']) : undefined;
    const outgoing = { sent, habit: random.pick(HABITS), fields: { takes, fails }, random };
    if (random.chance(0.03)) await this.forge(outgoing);
    const copies = random.chance(0.15) ? 2 : 1;
    const all = Array.from({ length: copies }, () => this.sendUntilAcknowledged(outgoing));
    sent.isAcknowledged = (await Promise.all(all)).every(Boolean);
    // Its own note of the acknowledgement got lost.
    if (random.chance(0.08)) this.late.push(this.sendLater(outgoing, random.int(0, 4_000)));
  }

  private async sendUntilAcknowledged(outgoing: Outgoing): Promise<boolean> {
    for (let tries = 0; now() < this.deadline; tries += 1) {
      if (await this.sendOnce(outgoing, tries)) return true;
      const backoff = Math.min(FIRST_BACKOFF_MS * 2 ** tries, MAX_BACKOFF_MS);
      await delay(backoff * (0.5 + outgoing.random.next() / 2));
    }
    return false;
  }

  private async sendLater(outgoing: Outgoing, wait: number): Promise<void> {
    await delay(wait, undefined, { signal: this.end.signal }).catch(() => undefined);
    await this.sendOnce(outgoing, 1);
  }

  private async sendOnce(outgoing: Outgoing, tries: number): Promise<boolean> {
    const { sent, habit, fields, random } = outgoing;
    const id =
      habit === 'fresh id' && tries > 0
        ? `evt-${sent.call}-${random.int(0, 1e9)}`
        : `evt-${sent.call}`;
    const text = JSON.stringify({ ...callEnded({ call_id: sent.call, ...fields }) });
    const body =
      habit === 'rewritten' && tries > 0
        ? text.replace('{', '{ '.padEnd(3 + random.int(0, 9)))
        : text;
    const status = await this.deliver(
      outgoing,
      signDelivery({ secret: SECRET, id, body: Buffer.from(body) }),
      false,
    );
    return status === 200 || status === 202;
  }

  /** What somebody sends who does not know the secret. */
  private async forge(outgoing: Outgoing): Promise<void> {
    const body = JSON.stringify({ ...callEnded({ call_id: `forged-${outgoing.sent.call}` }) });
    const id = `evt-forged-${outgoing.sent.call}`;
    await this.deliver(
      outgoing,
      signDelivery({ secret: 'not the secret', id, body: Buffer.from(body) }),
      true,
    );
  }

  private async deliver(
    { sent, random }: Outgoing,
    delivery: SignedDelivery<Buffer>,
    isForged: boolean,
  ): Promise<number> {
    const up = this.targets.filter(({ instance }) => instance.isUp);
    if (up.length === 0) return -1;
    const { instance, handlers } = random.pick(up);
    const sentAt = now();
    const { status, body } = await post(instance.url, delivery);
    // Nobody listens there any more: a balancer takes the next one.
    if (status === -1) return status;
    const sentId = delivery.headers['x-webhook-id'];
    const { id = '', code, status: word = code ?? '' } = body;
    sent.answers.push({ status, word, id, sentId, sentAt, at: now(), handlers, isForged });
    return status;
  }
}
