// `constructEvent` of the stripe package in a Nest controller, on the raw body.
import { BadRequestException, Req } from '@nestjs/common';
import Stripe from 'stripe-23';
import { SECRET } from '../support/schemes.mjs';
import { postController, serveNest } from './support/nest.mjs';
import { platform } from './support/platform.mjs';

const stripe = new Stripe('sk_test_benchmark');

class WebhookController {
  receive(request) {
    try {
      const signature = request.headers['stripe-signature'];
      const event = stripe.webhooks.constructEvent(request.rawBody, signature, SECRET);
      return { status: 'processed', id: event.id };
    } catch {
      throw new BadRequestException('Wrong signature');
    }
  }
}
postController(WebhookController, 'receive', { parameters: [Req()], types: [Object] });

await serveNest({ controllers: [WebhookController] }, await platform('express', { rawBody: true }));
