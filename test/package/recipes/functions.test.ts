import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Logger } from '@nestjs/common';
import express from 'express';
import { callEnded } from 'nestjs-revrag-webhook/testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { SECRET } from '../../support/app.js';
import { genuine } from '../../support/send.js';

/** What a platform hands over, and what it makes of the answer: status and parsed body. */
type Platform = (
  body: Buffer | string,
  headers: Record<string, string>,
) => Promise<[number, unknown]>;

const URL = 'https://app.example/webhooks/revrag';
const requestOf = (body: Buffer | string, headers: Record<string, string>) =>
  new Request(URL, { method: 'POST', body, headers });

const onVercel: Platform = async (body, headers) => {
  const { POST } = await import('./fetch-handler.js');
  const response = await POST(requestOf(body, headers));
  return [response.status, await response.json()];
};

const onAzure: Platform = async (body, headers) => {
  const { revrag } = await import('./azure-function.js');
  const { status, jsonBody } = await revrag(requestOf(body, headers));
  return [status, jsonBody];
};

/** As the Functions Framework serves a function: body-parser has parsed, and kept the bytes. */
const onCloudFunctions: Platform = async (body, headers) => {
  const { revrag } = await import('./cloud-function.js');
  const verify = (request: object, _response: object, rawBody: Buffer) => {
    Object.assign(request, { rawBody });
  };
  const server = express()
    .use(express.json({ limit: '1024mb', verify }))
    .use(revrag)
    .listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const init = { method: 'POST', body, headers: { ...headers, connection: 'close' } };
  const response = await fetch(`http://127.0.0.1:${port}/`, init);
  return [response.status, await response.json()];
};

beforeAll(() => {
  Logger.overrideLogger(false);
  vi.stubEnv('REVRAG_WEBHOOK_SECRET', SECRET);
});

afterAll(() => {
  vi.unstubAllEnvs();
});

describe.each([
  ['Vercel', onVercel],
  ['Azure', onAzure],
  ['Cloud', onCloudFunctions],
] as const)('a function on %s', (name, send) => {
  it('answers as the endpoint would', async () => {
    const id = `evt_${name}`;
    const call = callEnded({ call_id: id, summary: 'ऋण की जानकारी 🙏, naïve' });
    const { body, headers } = genuine({ id, body: call });
    expect(await send(body, headers)).toEqual([200, { status: 'processed', id }]);
    expect(await send(body, headers)).toEqual([200, { status: 'duplicate', id }]);
    const forged = await send('{}', headers);
    expect(forged).toMatchObject([401, { code: 'signature_mismatch' }]);
  });
});
