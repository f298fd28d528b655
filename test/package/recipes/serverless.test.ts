import { Logger } from '@nestjs/common';
import { callEnded, type SignedDelivery } from 'nestjs-revrag-webhook/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { SECRET } from '../../support/app.js';
import { genuine } from '../../support/send.js';

describe('the Lambda handler', () => {
  let handler: (typeof import('./lambda-handler.js'))['handler'];

  beforeAll(async () => {
    Logger.overrideLogger(false);
    vi.stubEnv('REVRAG_WEBHOOK_SECRET', SECRET);
    ({ handler } = await import('./lambda-handler.js'));
  });

  afterAll(() => {
    vi.unstubAllEnvs();
  });

  const text = callEnded({ summary: 'ऋण की जानकारी 🙏, naïve' });

  /** As a REST API sends it: names as the sender wrote them, the body as text. */
  const version1 = ({ body, headers }: SignedDelivery) => ({
    httpMethod: 'POST',
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [
        name.replace(/\b[a-z]/g, letter => letter.toUpperCase()),
        value,
      ]),
    ),
    body: body.toString('utf8'),
    isBase64Encoded: false,
  });

  /** As an HTTP API or a function URL sends it: names in lower case, the body in Base64 at times. */
  const version2 = ({ body, headers }: SignedDelivery) => ({
    version: '2.0',
    headers,
    body: body.toString('base64'),
    isBase64Encoded: true,
  });

  /** As a load balancer sends it whose target group has multi-value headers on. */
  const loadBalancer = ({ body, headers }: SignedDelivery) => ({
    httpMethod: 'POST',
    multiValueHeaders: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, [value]]),
    ),
    body: body.toString('utf8'),
    isBase64Encoded: false,
  });

  it('answers a load balancer with multi-value headers in its form', async () => {
    const delivery = genuine({ id: 'evt_alb', body: { ...text, call_id: 'evt_alb' } });
    const reply = await handler(loadBalancer(delivery));
    expect(reply).toEqual({
      statusCode: 200,
      multiValueHeaders: { 'content-type': ['application/json'] },
      body: JSON.stringify({ status: 'processed', id: 'evt_alb' }),
    });
    const event = loadBalancer(delivery);
    const [signature] = event.multiValueHeaders['x-webhook-signature']!;
    event.multiValueHeaders['x-webhook-signature'] = [signature!, signature!];
    expect(await handler(event)).toMatchObject({ statusCode: 401 });
  });

  it.each([
    ['1.0', version1],
    ['2.0', version2],
  ])('answers events of version %s as the endpoint would', async (version, event) => {
    const id = `evt_${version}`;
    const delivery = genuine({ id, body: { ...text, call_id: id } });
    const reply = await handler(event(delivery));
    expect(reply).toEqual({
      statusCode: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ status: 'processed', id }),
    });
    expect(JSON.parse((await handler(event(delivery))).body)).toMatchObject({
      status: 'duplicate',
    });
    const forged = { ...event(delivery), body: 'forged' };
    expect(await handler(forged)).toMatchObject({ statusCode: 401 });
  });

  it('refuses an event without headers or body', async () => {
    const reply = await handler({ headers: null, body: null, isBase64Encoded: false });
    expect(reply.statusCode).toBe(401);
    expect(JSON.parse(reply.body)).toMatchObject({ code: 'missing_header' });
  });
});
