import { Module } from '@nestjs/common';
import { RevragWebhookModule } from 'nestjs-revrag-webhook';
import { CallsController } from './calls.controller.js';
import { CallsFeed } from './calls.feed.js';
import { CallsService } from './calls.service.js';

@Module({
  imports: [RevragWebhookModule.forRoot(process.env.REVRAG_WEBHOOK_SECRET)],
  controllers: [CallsController],
  providers: [CallsFeed, CallsService],
})
export class AppModule {}
