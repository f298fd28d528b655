import { Module } from '@nestjs/common';
import { RevragWebhookModule } from 'nestjs-revrag-webhook';
import { RedisIdempotencyStore } from 'nestjs-revrag-webhook/redis';
import { CallsService } from './calls.service.js';

@Module({
  imports: [
    RevragWebhookModule.forRootAsync({
      useFactory: () => ({
        secret: process.env.REVRAG_WEBHOOK_SECRET,
        // A store with a URL closes its connection with the app. You may give a client of ioredis instead.
        idempotency: {
          store: new RedisIdempotencyStore(process.env.REDIS_URL ?? 'redis://127.0.0.1:6379'),
        },
      }),
    }),
  ],
  providers: [CallsService],
})
export class AppModule {}
