// A Nest route that takes JSON and verifies nothing. `express` or `fastify`.
import process from 'node:process';
import { Body } from '@nestjs/common';
import { platform } from './support/platform.mjs';
import { postController, serveNest } from './support/nest.mjs';

class WebhookController {
  receive(call) {
    return { status: 'processed', id: call.call_id };
  }
}
postController(WebhookController, 'receive', { parameters: [Body()], types: [Object] });

await serveNest({ controllers: [WebhookController] }, await platform(process.argv[2]));
