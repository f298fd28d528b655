import { Module } from '@nestjs/common';
import { RevragWebhookModule } from 'nestjs-revrag-webhook';
import { CallsService } from './calls.service.js';

@Module({
  imports: [RevragWebhookModule.forRoot(process.env.REVRAG_WEBHOOK_SECRET)],
  providers: [CallsService],
})
export class AppModule {}
