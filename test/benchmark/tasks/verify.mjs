import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import { Buffer } from 'node:buffer';
import { verify as octokit } from '@octokit/webhooks-methods';
import { RevragWebhookService } from 'nestjs-revrag-webhook';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import Stripe from 'stripe-23';
import { Webhook as SvixWebhook } from 'svix';
import { event } from '../support/events.mjs';
import { BASE64_SECRET, schemes, SECRET } from '../support/schemes.mjs';
import { createApp } from '../support/service.mjs';
import { serveTask, takeTurns } from '../support/task.mjs';

const key = createSecretKey(SECRET, 'utf8');
const stripe = new Stripe('sk_test_benchmark');
const svix = new SvixWebhook(BASE64_SECRET);
const standard = new StandardWebhook(BASE64_SECRET);

/** Deliveries that differ, each signed in every format; as many as stay in bounds of memory. */
function deliveries(bytes, language) {
  const seconds = Math.floor(Date.now() / 1000);
  return Array.from({ length: Math.max(4, Math.min(256, Math.round(2e7 / bytes))) }, (_, index) => {
    const body = event(bytes, language, index);
    const headers = Object.values(schemes).map(scheme =>
      scheme.headers(`evt_${index}`, seconds, [body]),
    );
    const all = Object.assign({}, ...headers);
    const digest = Buffer.from(all['x-webhook-signature'].split('v1=')[1], 'hex');
    return { body, headers: all, timestamp: String(seconds), digest };
  });
}

serveTask(async ({ bytes, language, rounds, roundMs }) => {
  const app = await createApp();
  const service = app.get(RevragWebhookService);
  const all = deliveries(bytes, language);
  const at = index => all[index % all.length];
  return takeTurns(
    {
      bare: index => {
        const { body, timestamp, digest } = at(index);
        const mac = createHmac('sha256', key).update(`${timestamp}.`).update(body).digest();
        return timingSafeEqual(mac, digest);
      },
      ours: index => service.verify(at(index).body, at(index).headers),
      stripe: index => {
        const { body, headers } = at(index);
        return stripe.webhooks.signature.verifyHeader(body, headers['stripe-signature'], SECRET);
      },
      octokit: index => {
        const { body, headers } = at(index);
        return octokit(SECRET, body.toString('utf8'), headers['x-hub-signature-256']);
      },
      svix: index => svix.verify(at(index).body, at(index).headers),
      standardwebhooks: index =>
        standard.verify(at(index).body, at(index).headers, { jsonParse: false }),
    },
    { rounds, roundMs },
  );
});
