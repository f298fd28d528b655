import { randomUUID } from 'node:crypto';
import { digest } from '../core/common/digest.js';
import {
  IdempotencyStore,
  type Claim,
  type ClaimRequest,
  type ClaimResult,
} from '../core/idempotency/idempotency-store.js';
import { RevragConfigurationError } from '../core/errors/revrag-configuration.error.js';
import { RedisConnection } from './redis-connection.js';
import type { RedisClient, RedisScript } from './redis-script.js';
import { CLAIM, COMPLETE, FIRST_ID, RECORD, RELEASE, RENEW, UNCLAIM } from './scripts.js';

export interface RedisIdempotencyStoreOptions {
  /**
   * What the store's keys begin with. Without braces, as those decide on a key's place in a cluster.
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

type Answer =
  | { readonly status: 'completed' }
  | { readonly status: 'in_progress'; readonly retryAfter: number }
  | {
      readonly status: 'claimed';
      readonly finished: string[];
      /** Who had the claim before, and the end of that lease: to be put back if this one is taken back. */
      readonly before: readonly [owner: string, until: number];
    };

/**
 * Remembers deliveries in Redis (6.2 or later, Valkey, Redis Cluster), for all instances that share it.
 *
 * Made from a URL, it connects on first use and closes its connection with the app. A client of the
 * caller's own stays open.
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
    if (typeof prefix !== 'string' || /[{}]/.test(prefix)) {
      throw new RevragConfigurationError('RedisIdempotencyStore: prefix is text without braces.');
    }
    if (!(timeout > 0)) {
      throw new RevragConfigurationError('RedisIdempotencyStore: timeout is a number above 0.');
    }
    this.prefix = prefix;
    this.#connection = new RedisConnection(client, timeout);
  }

  claim(request: ClaimRequest): Promise<ClaimResult> {
    const token = randomUUID();
    return this.#connection.run(async isLate => {
      const [id, answer] = await this.claimFirst(request, token);
      // Nobody is left to use the claim, so nobody is to wait for it.
      if (isLate()) await this.takeBack(request.endpoint, id, token, answer);
      if (answer.status !== 'claimed') return { ...answer, id };
      const claim = { endpoint: request.endpoint, id, token };
      return { status: 'claimed', claim, finished: answer.finished };
    });
  }

  renew(claim: Claim, lease: number): Promise<boolean> {
    return this.asOwner(RENEW, claim, lease);
  }

  record(claim: Claim, handlerIds: readonly string[], retention: number): Promise<boolean> {
    return this.asOwner(RECORD, claim, retention, ...handlerIds);
  }

  complete(claim: Claim, retention: number): Promise<boolean> {
    return this.asOwner(COMPLETE, claim, retention);
  }

  release(claim: Claim, handlerIds: readonly string[], retention: number): Promise<boolean> {
    return this.asOwner(RELEASE, claim, retention, ...handlerIds);
  }

  override close(): Promise<void> {
    return this.#connection.close();
  }

  /**
   * MACs and deliveries may live on different nodes of a cluster. So as not to wait twice, the id is
   * claimed while its MACs are looked up; if they belong to another, the claim is taken back.
   */
  private async claimFirst(
    { endpoint, id, macs, lease, macRetention }: ClaimRequest,
    token: string,
  ): Promise<[id: string, answer: Answer]> {
    const [first, own] = await Promise.allSettled([
      this.firstId(endpoint, id, macs, macRetention),
      this.claimId(endpoint, id, token, lease),
    ]);
    if (own.status === 'rejected') throw own.reason;
    if (first.status === 'rejected') {
      await this.takeBack(endpoint, id, token, own.value);
      throw first.reason;
    }
    if (first.value === id) return [id, own.value];
    const [answer] = await Promise.all([
      this.claimId(endpoint, first.value, token, lease),
      this.takeBack(endpoint, id, token, own.value),
    ]);
    return [first.value, answer];
  }

  private async firstId(
    endpoint: string,
    id: string,
    macs: readonly string[],
    retention: number,
  ): Promise<string> {
    if (macs.length === 0) return id;
    // All of an endpoint's in one slot: whoever has one of them in common must agree on the id.
    const keys = macs.map(mac => `${this.prefix}{${digest(endpoint)}}:${digest(mac)}`);
    return (await this.#connection.send(FIRST_ID, keys, id, retention)) as string;
  }

  private async claimId(
    endpoint: string,
    id: string,
    token: string,
    lease: number,
  ): Promise<Answer> {
    const reply = await this.#connection.send(CLAIM, [this.keyOf(endpoint, id)], token, lease);
    const [status, ...rest] = reply as [Answer['status'], ...unknown[]];
    if (status === 'completed') return { status };
    if (status === 'in_progress') return { status, retryAfter: Number(rest[0]) };
    // Numbers are text with a client's option stringNumbers.
    const [owner, until, fields] = rest as [string, number | string, string[]];
    const finished = fields.map(field => field.slice('h:'.length));
    return { status, finished, before: [owner, Number(until)] };
  }

  /** Does what can be done; what can't costs a lease. */
  private async takeBack(
    endpoint: string,
    id: string,
    token: string,
    answer: Answer,
  ): Promise<void> {
    if (answer.status !== 'claimed') return;
    const key = this.keyOf(endpoint, id);
    await this.#connection.send(UNCLAIM, [key], token, ...answer.before).catch(() => undefined);
  }

  private asOwner(
    script: RedisScript,
    { endpoint, id, token }: Claim,
    ...args: (string | number)[]
  ): Promise<boolean> {
    return this.#connection.run(async () => {
      const key = this.keyOf(endpoint, id);
      return Number(await this.#connection.send(script, [key], token, ...args)) === 1;
    });
  }

  private keyOf(endpoint: string, id: string): string {
    return `${this.prefix}{${digest(endpoint, id)}}`;
  }
}
