import { randomUUID } from 'node:crypto';
import {
  IdempotencyStore,
  type Claim,
  type ClaimRequest,
  type ClaimResult,
  type DeliveryIdentity,
  type Progress,
} from 'nestjs-revrag-webhook';
import type { Pool } from 'pg';

/** Run it once. Rows past `expires_at` may be deleted at any time. */
export const SCHEMA = `CREATE TABLE IF NOT EXISTS webhook_calls (
  call text PRIMARY KEY,
  version bigint NOT NULL,
  deliveries json NOT NULL,
  expires_at timestamptz NOT NULL
)`;

interface Delivery {
  key: string;
  /** Digests of ids and of further bodies. */
  names: string[];
  finished: string[];
  fence: number;
  /** Milliseconds: when the delivery is forgotten, and when its claim ends. */
  until: number;
  leaseUntil: number;
  token: string | null;
}

const MAX_NAMES = 16;

/** Keeps the deliveries of a call in one row, which is written only if its version is unchanged. */
export class SqlIdempotencyStore extends IdempotencyStore {
  constructor(private readonly pool: Pool) {
    super();
  }

  claim(request: ClaimRequest): Promise<ClaimResult> {
    const { identity, by, handlerIds, lease, retention } = request;
    const token = randomUUID();
    return this.change(identity.call, (deliveries, now): ClaimResult => {
      const delivery = find(deliveries, identity, by === 'call') ?? add(deliveries, identity, now);
      const { key } = delivery;
      const finished = handlerIds.filter(id => delivery.finished.includes(id));
      if (finished.length === handlerIds.length) return { status: 'completed', key };
      if (delivery.token !== null && delivery.leaseUntil > now) {
        return { status: 'in_progress', retryAfter: delivery.leaseUntil - now };
      }
      const fence = Math.max(delivery.fence + 1, now);
      const leaseUntil = now + lease;
      const until = Math.max(now + retention, leaseUntil);
      Object.assign(delivery, { token, fence, leaseUntil, until });
      return { status: 'claimed', claim: { identity, key, token, fence }, finished };
    });
  }

  renew(claim: Claim, lease: number): Promise<boolean> {
    return this.update(claim, (delivery, now, isOwner) => {
      if (!isOwner) return;
      delivery.token = claim.token;
      delivery.leaseUntil = now + lease;
      delivery.until = Math.max(delivery.until, delivery.leaseUntil);
    });
  }

  record(claim: Claim, { handlerIds, retention }: Progress): Promise<boolean> {
    return this.update(claim, (delivery, now) => {
      delivery.finished = [...new Set([...delivery.finished, ...handlerIds])];
      delivery.until = Math.max(now + retention, delivery.leaseUntil);
    });
  }

  end(claim: Claim, { handlerIds, retention }: Progress): Promise<boolean> {
    return this.update(claim, (delivery, now, isOwner) => {
      delivery.finished = [...new Set([...delivery.finished, ...handlerIds])];
      if (isOwner) Object.assign(delivery, { token: null, leaseUntil: 0 });
      delivery.until = Math.max(now + retention, delivery.leaseUntil);
    });
  }

  /** Returns whether the claim still owns the delivery. Writes a lost delivery again. */
  private update(
    { identity, key, token, fence }: Claim,
    work: (delivery: Delivery, now: number, isOwner: boolean) => void,
  ): Promise<boolean> {
    return this.change(identity.call, (deliveries, now) => {
      const first = { ...identity, body: key };
      const delivery = find(deliveries, first, false) ?? add(deliveries, first, now);
      const isOwner = delivery.token === null || delivery.token === token;
      delivery.fence = Math.max(delivery.fence, fence);
      work(delivery, now, isOwner);
      return isOwner;
    });
  }

  /** Reads, changes and writes; retries if another process has written in between. */
  private async change<T>(
    call: string,
    work: (deliveries: Delivery[], now: number) => T,
  ): Promise<T> {
    for (;;) {
      const { rows } = await this.pool.query<{
        now: number;
        version: string | null;
        deliveries: Delivery[] | null;
      }>(
        `SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now, version, deliveries
         FROM (SELECT $1::text AS call) AS asked LEFT JOIN webhook_calls USING (call)`,
        [call],
      );
      const { now, version, deliveries } = rows[0]!;
      const current = (deliveries ?? []).filter(({ until }) => until > now);
      const before = JSON.stringify(current);
      const result = work(current, now);
      const after = JSON.stringify(current);
      if (after === before || (await this.write(call, version, current))) return result;
    }
  }

  private async write(
    call: string,
    version: string | null,
    deliveries: Delivery[],
  ): Promise<boolean> {
    const until = Math.max(...deliveries.map(each => each.until));
    const { rowCount } = await this.pool.query(
      version === null
        ? `INSERT INTO webhook_calls (call, deliveries, expires_at, version)
           VALUES ($1, $2, to_timestamp($3::float8 / 1000), 1 + coalesce($4, 0)) ON CONFLICT DO NOTHING`
        : `UPDATE webhook_calls SET deliveries = $2, expires_at = to_timestamp($3::float8 / 1000),
           version = version + 1 WHERE call = $1 AND version = $4`,
      [call, JSON.stringify(deliveries), until, version],
    );
    return rowCount === 1;
  }
}

/** The bytes are signed and the id is not, so the bytes decide first. */
function find(
  deliveries: Delivery[],
  { body, id }: DeliveryIdentity,
  anyOfCall: boolean,
): Delivery | undefined {
  const found =
    deliveries.find(({ key, names }) => key === body || names.includes(body)) ??
    deliveries.find(({ names }) => names.includes(id)) ??
    (anyOfCall ? deliveries[0] : undefined);
  for (const name of [body, id]) {
    if (!found || found.key === name || found.names.includes(name)) continue;
    if (found.names.length < MAX_NAMES) found.names.push(name);
  }
  return found;
}

function add(deliveries: Delivery[], { body, id }: DeliveryIdentity, now: number): Delivery {
  const empty = { finished: [], fence: 0, leaseUntil: 0, token: null };
  const delivery: Delivery = { key: body, names: [id], until: now + 1, ...empty };
  deliveries.push(delivery);
  return delivery;
}
