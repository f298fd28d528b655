import { Module, type OnApplicationShutdown } from '@nestjs/common';
import { PostgresIdempotencyStore } from 'nestjs-revrag-webhook/postgres';
import { Pool } from 'pg';

const DATABASE_URL = process.env.DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres';

/** One pool for the app's tables and the store's. */
@Module({
  providers: [
    {
      provide: Pool,
      // Without it, the pool would wait forever for a server that does not answer.
      useFactory: () =>
        new Pool({ connectionString: DATABASE_URL, connectionTimeoutMillis: 5_000 }),
    },
    {
      provide: PostgresIdempotencyStore,
      inject: [Pool],
      useFactory: (pool: Pool) => new PostgresIdempotencyStore(pool),
    },
  ],
  exports: [Pool, PostgresIdempotencyStore],
})
export class DatabaseModule implements OnApplicationShutdown {
  constructor(private readonly pool: Pool) {}

  async onApplicationShutdown(): Promise<void> {
    await this.pool.end();
  }
}
