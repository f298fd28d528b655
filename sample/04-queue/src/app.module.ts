import { BullBoardModule } from '@bull-board/nestjs';
import { BullModule } from '@nestjs/bullmq';
import { Module } from '@nestjs/common';
import { RevragWebhookModule } from 'nestjs-revrag-webhook';
import { RevragBullModule } from 'nestjs-revrag-webhook/bullmq';
import { BoardServer, QueueAdapter, boardGuard } from './board.js';
import { CallsService } from './calls.service.js';

@Module({
  imports: [
    // The server of all queues of the app; this library's queue uses it as well.
    BullModule.forRoot({ connection: { url: process.env.REDIS_URL } }),
    RevragWebhookModule.forRoot(process.env.REVRAG_WEBHOOK_SECRET),
    RevragBullModule.forRoot({ attempts: 3, backoff: { delay: 500 } }),
    BullBoardModule.forRoot({
      route: '/queues',
      adapter: BoardServer,
      middleware: boardGuard(process.env.BOARD_PASSWORD),
    }),
    BullBoardModule.forFeature({ name: 'revrag-webhook', adapter: QueueAdapter }),
  ],
  providers: [CallsService],
})
export class AppModule {}
