// An early middleware of one's own that reads, verifies and parses, then a Nest route: a ceiling of sorts.
import { Buffer } from 'node:buffer';
import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import { Req } from '@nestjs/common';
import { SECRET } from '../support/schemes.mjs';
import { PATH, postController, serveNest } from './support/nest.mjs';

const key = createSecretKey(SECRET, 'utf8');

function isAuthentic({ headers }, raw) {
  const mac = createHmac('sha256', key)
    .update(`${headers['x-webhook-timestamp']}.`)
    .update(raw)
    .digest();
  const sent = Buffer.from(headers['x-webhook-signature']?.split('v1=')[1] ?? '', 'hex');
  return sent.length === mac.length && timingSafeEqual(mac, sent);
}

function capture(request, response, next) {
  if (request.url !== `/${PATH}`) return next();
  const chunks = [];
  request.on('data', chunk => chunks.push(chunk));
  request.on('end', () => {
    const raw = Buffer.concat(chunks);
    if (!isAuthentic(request, raw)) return response.status(401).json({ status: 'refused' });
    request.event = JSON.parse(raw.toString('utf8'));
    next();
  });
}

class WebhookController {
  receive({ event }) {
    return { status: 'processed', id: event.call_id };
  }
}
postController(WebhookController, 'receive', { parameters: [Req()], types: [Object] });

await serveNest({ controllers: [WebhookController] }, { configure: app => app.use(capture) });
