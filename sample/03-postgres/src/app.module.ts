import { Module } from '@nestjs/common';
import { RevragWebhookModule } from 'nestjs-revrag-webhook';
import { PostgresIdempotencyStore } from 'nestjs-revrag-webhook/postgres';
import { CallsService } from './calls.service.js';
import { DatabaseModule } from './database.module.js';

@Module({
  imports: [
    DatabaseModule,
    RevragWebhookModule.forRootAsync({
      imports: [DatabaseModule],
      inject: [PostgresIdempotencyStore],
      useFactory: (store: PostgresIdempotencyStore) => ({
        secret: process.env.REVRAG_WEBHOOK_SECRET,
        idempotency: { store },
      }),
    }),
  ],
  providers: [CallsService],
})
export class AppModule {}
