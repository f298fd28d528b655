// The least that a receiver can do: one HMAC, one comparison, one JSON.parse, on Node's own HTTP server.
import { Buffer } from 'node:buffer';
import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import { SECRET } from '../support/schemes.mjs';
import { serve } from './support/serve.mjs';

const key = createSecretKey(SECRET, 'utf8');

function answer(request, response, raw) {
  const { 'x-webhook-timestamp': timestamp, 'x-webhook-signature': signature } = request.headers;
  const mac = createHmac('sha256', key).update(`${timestamp}.`).update(raw).digest();
  const sent = Buffer.from(signature?.split('v1=')[1] ?? '', 'hex');
  const authentic = sent.length === mac.length && timingSafeEqual(mac, sent);
  if (authentic) JSON.parse(raw.toString('utf8'));
  const body = authentic ? '{"status":"processed"}' : '{"status":"refused"}';
  response.writeHead(authentic ? 200 : 401, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': body.length,
  });
  response.end(body);
}

serve(
  createServer((request, response) => {
    const chunks = [];
    request.on('data', chunk => chunks.push(chunk));
    request.on('end', () => answer(request, response, Buffer.concat(chunks)));
  }),
);
