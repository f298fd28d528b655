// A plain Nest route that puts its JSON into a BullMQ queue and answers 202; it verifies nothing.
import process from 'node:process';
import { Body } from '@nestjs/common';
import { Queue } from 'bullmq';
import { platform } from './support/platform.mjs';
import { postController, serveNest } from './support/nest.mjs';

const queue = new Queue('plain', { connection: { url: process.env.BENCH_SERVER_URL } });

class WebhookController {
  async receive(call) {
    await queue.add('call.ended', call);
    return { status: 'queued', id: call.call_id };
  }
}
postController(WebhookController, 'receive', {
  parameters: [Body()],
  types: [Object],
  status: 202,
});

await serveNest({ controllers: [WebhookController] }, await platform('express'));
