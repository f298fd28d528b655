import { Controller, Headers, HttpCode, Inject, Post } from '@nestjs/common';
import type { ClientProxy } from '@nestjs/microservices';
import { RevragDelivery, RevragEndpoint, VerifiedDelivery } from 'nestjs-revrag-webhook';
import { lastValueFrom } from 'rxjs';
import type { QueuedDelivery } from './deliveries.controller.js';

@Controller('webhooks/revrag')
export class FrontDoorController {
  constructor(@Inject('QUEUE') private readonly queue: ClientProxy) {}

  @Post()
  @HttpCode(202)
  @RevragEndpoint()
  async enqueue(
    @RevragDelivery() delivery: VerifiedDelivery,
    @Headers() headers: Record<string, string>,
  ) {
    const message: QueuedDelivery = {
      headers,
      body: delivery.rawBody.toString('base64'),
      receivedAt: new Date().toISOString(),
    };
    await lastValueFrom(this.queue.send('revrag.delivery', message));
  }
}
