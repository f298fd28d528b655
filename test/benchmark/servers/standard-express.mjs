// svix or standardwebhooks in Express 5, as their documentation shows: `express.raw()` and `verify`.
import { createServer } from 'node:http';
import process from 'node:process';
import express from 'express';
import { BASE64_SECRET } from '../support/schemes.mjs';
import { serve } from './support/serve.mjs';

const { Webhook } = await import(process.argv[2]);
const webhook = new Webhook(BASE64_SECRET);
const app = express();

app.post('/webhooks/revrag', express.raw({ type: '*/*', limit: '6mb' }), (request, response) => {
  try {
    // svix verifies only; standardwebhooks parses as well.
    const event = webhook.verify(request.body, request.headers) ?? JSON.parse(request.body);
    response.json({ status: 'processed', id: event.call_id });
  } catch {
    response.status(400).json({ status: 'refused' });
  }
});

serve(createServer(app));
