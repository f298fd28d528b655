import { Module } from '@nestjs/common';
import { RevragWebhookModule } from 'nestjs-revrag-webhook';
import { ApiRevragWebhook } from 'nestjs-revrag-webhook/swagger';
import { CallsController } from './calls.controller.js';
import { CallsService } from './calls.service.js';

@Module({
  imports: [
    RevragWebhookModule.forRoot({
      secret: process.env.REVRAG_WEBHOOK_SECRET,
      decorators: [ApiRevragWebhook()],
    }),
  ],
  controllers: [CallsController],
  providers: [CallsService],
})
export class AppModule {}
