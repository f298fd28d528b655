// What a team writes by hand: `rawBody: true` and a guard; with `validate` also a ValidationPipe and a
// DTO with nested classes. `express` or `fastify`.
import { Buffer } from 'node:buffer';
import { createHmac, timingSafeEqual } from 'node:crypto';
import process from 'node:process';
import { Body, UnauthorizedException, UseGuards, ValidationPipe } from '@nestjs/common';
import { injectable } from '../support/decorate.mjs';
import { SECRET } from '../support/schemes.mjs';
import { HandwrittenCallDto } from './support/handwritten.dto.mjs';
import { postController, serveNest } from './support/nest.mjs';
import { platform } from './support/platform.mjs';

const TOLERANCE_SECONDS = 300;

class SignatureGuard {
  canActivate(context) {
    const request = context.switchToHttp().getRequest();
    const timestamp = request.headers['x-webhook-timestamp'];
    const signature = request.headers['x-webhook-signature'] ?? '';
    if (Math.abs(Date.now() / 1000 - Number(timestamp)) > TOLERANCE_SECONDS) {
      throw new UnauthorizedException('Too old');
    }
    const expected = createHmac('sha256', SECRET)
      .update(`${timestamp}.`)
      .update(request.rawBody)
      .digest('hex');
    const given = Buffer.from(signature.split('v1=')[1] ?? '');
    if (given.length !== expected.length || !timingSafeEqual(given, Buffer.from(expected))) {
      throw new UnauthorizedException('Wrong signature');
    }
    return true;
  }
}
injectable(SignatureGuard);

class WebhookController {
  receive(call) {
    return { status: 'processed', id: call.call_id };
  }
}

const [platformName, validate] = process.argv.slice(2);
postController(WebhookController, 'receive', {
  guards: [UseGuards(SignatureGuard)],
  parameters: [validate ? Body(new ValidationPipe({ transform: true })) : Body()],
  types: [validate ? HandwrittenCallDto : Object],
});

await serveNest(
  { controllers: [WebhookController], providers: [SignatureGuard] },
  await platform(platformName, { rawBody: true }),
);
