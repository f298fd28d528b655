import { Controller } from '@nestjs/common';
import { MessagePattern, Payload, RpcException } from '@nestjs/microservices';
import { RevragWebhookService, toAnswer } from 'nestjs-revrag-webhook';

/** A delivery as it waits in a queue: bytes and headers as they came. */
export interface QueuedDelivery {
  readonly headers: Record<string, string>;
  /** Base64. */
  readonly body: string;
  /** When it came in, ISO-8601; by the clock of the front door or the queue, never of the sender. */
  readonly receivedAt: string;
}

@Controller()
export class DeliveriesController {
  constructor(private readonly webhook: RevragWebhookService) {}

  @MessagePattern('revrag.delivery')
  async consume(@Payload() { headers, body, receivedAt }: QueuedDelivery) {
    const outcome = await this.webhook.receive(Buffer.from(body, 'base64'), headers, {
      receivedAt: new Date(receivedAt),
    });
    const answer = toAnswer(outcome);
    // A failed handler, a store that is down, a claim held elsewhere: the message has to come again.
    if (answer.statusCode === 409 || answer.statusCode >= 500) throw new RpcException(answer.body);
    // What is left is done, or will never be authentic or readable.
    return answer.body;
  }
}
