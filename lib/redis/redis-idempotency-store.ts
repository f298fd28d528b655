import { randomUUID } from 'node:crypto';
import { checkStoreOptions } from '../core/idempotency/check-store-options.js';
import { digest } from '../core/common/digest.js';
import {
  IdempotencyStore,
  type Claim,
  type ClaimRequest,
  type ClaimResult,
  type Progress,
} from '../core/idempotency/idempotency-store.js';
import { RevragConfigurationError } from '../core/errors/revrag-configuration.error.js';
import { RedisConnection } from './redis-connection.js';
import type { RedisClient } from './redis-script.js';
import { CLAIM, PROGRESS } from './scripts.js';

export interface RedisIdempotencyStoreOptions {
  /**
   * Prefix of the store's keys. Without braces, which decide on a key's node in a cluster.
   *
   * @default 'revrag:'
   */
  prefix?: string;
  /**
   * How long an operation waits for Redis, in milliseconds; then it rejects, and the sender gets 503.
   *
   * @default 2_000
   */
  timeout?: number;
}

/** The length of a digest that is compared within one call or one app only, in characters. */
const SHORT = 8;
const short = (name: string): string => name.slice(0, SHORT);

/**
 * Remembers deliveries in Redis (6.2 or later, Valkey, Redis Cluster), for all instances that share it.
 *
 * With a URL, the store connects on first use and closes its connection with the app. It leaves a client of the
 * caller open, but makes it reconnect if the server answers nothing for twice the timeout.
 */
export class RedisIdempotencyStore extends IdempotencyStore {
  readonly #connection: RedisConnection;
  private readonly prefix: string;

  /**
   * @param client A client or cluster of ioredis, or a URL such as `redis://host:6379`
   * @throws RevragConfigurationError if the URL or an option can't be used
   */
  constructor(client: RedisClient | string, options: RedisIdempotencyStoreOptions = {}) {
    super();
    const { prefix = 'revrag:', timeout = 2_000 } = options;
    checkStoreOptions('RedisIdempotencyStore', options, ['prefix', 'timeout']);
    if (typeof prefix !== 'string' || /[{}]/.test(prefix)) {
      throw new RevragConfigurationError(
        'RedisIdempotencyStore: prefix must be text without braces.',
      );
    }
    this.prefix = prefix;
    this.#connection = new RedisConnection(client, timeout);
  }

  claim(request: ClaimRequest): Promise<ClaimResult> {
    const token = randomUUID();
    return this.#connection.run(async isLate => {
      const result = await this.tryClaim(request, token);
      // The request has given up. End the claim, so that the next one need not wait for the lease.
      if (isLate() && result.status === 'claimed') await this.giveBack(result.claim, request);
      return result;
    });
  }

  renew(claim: Claim, lease: number): Promise<boolean> {
    return this.progress(claim, 'renew', { handlerIds: [], retention: lease });
  }

  record(claim: Claim, progress: Progress): Promise<boolean> {
    return this.progress(claim, 'record', progress);
  }

  end(claim: Claim, progress: Progress): Promise<boolean> {
    return this.progress(claim, 'end', progress);
  }

  override close(): Promise<void> {
    return this.#connection.close();
  }

  private async tryClaim(request: ClaimRequest, token: string): Promise<ClaimResult> {
    const { identity, by, handlerIds, lease, retention } = request;
    const reply = await this.#connection.send(
      CLAIM,
      this.keyOf(identity.call),
      token,
      identity.body,
      short(identity.id),
      by,
      Math.ceil(lease),
      Math.ceil(retention),
      ...handlerIds.map(nameOf),
    );
    const [status, ...rest] = reply as [ClaimResult['status'], ...(string | number)[]];
    if (status === 'completed') return { status, key: String(rest[0]) };
    // With the client's option stringNumbers, numbers are text.
    if (status === 'in_progress') return { status, retryAfter: Number(rest[0]) };
    const [key, fence, ...places] = rest;
    const claim = { identity, key: String(key), token, fence: Number(fence) };
    return { status, claim, finished: places.map(place => handlerIds[Number(place)] as string) };
  }

  /** Ends the claim if possible; otherwise its lease must end. */
  private async giveBack(claim: Claim, { retention }: ClaimRequest): Promise<void> {
    await this.send(claim, 'end', { handlerIds: [], retention }).catch(() => undefined);
  }

  private progress(claim: Claim, step: Step, progress: Progress): Promise<boolean> {
    return this.#connection.run(() => this.send(claim, step, progress));
  }

  private async send(claim: Claim, step: Step, progress: Progress): Promise<boolean> {
    const { identity, key, token, fence } = claim;
    const reply = await this.#connection.send(
      PROGRESS,
      this.keyOf(identity.call),
      token,
      key,
      short(identity.id),
      fence,
      step,
      Math.ceil(progress.retention),
      ...progress.handlerIds.map(nameOf),
    );
    return Number(reply) === 1;
  }

  private keyOf(call: string): string {
    return this.prefix + call;
  }
}

type Step = 'renew' | 'record' | 'end';

const nameOf = (handlerId: string): string => short(digest(handlerId));
