import { Inject, Injectable } from '@nestjs/common';
import { HealthIndicatorService } from '@nestjs/terminus';
import type { Redis } from 'ioredis';

/** Token of the client that RedisIdempotencyStore was given. */
export const REDIS = Symbol('Redis');

@Injectable()
export class StoreHealthIndicator {
  constructor(
    private readonly indicators: HealthIndicatorService,
    @Inject(REDIS) private readonly redis: Redis,
  ) {}

  check(key: string) {
    return this.indicators
      .check(key)
      .attempt(async () => {
        // For PostgresIdempotencyStore: await this.pool.query('SELECT 1');
        await this.redis.ping();
      })
      .withTimeout(1_000);
  }
}
