import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import fastify from 'fastify';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  sendAnswer,
  type FastifyReply,
  type PlatformResponse,
} from '../../../../lib/core/http/send-answer.js';

type Respond = (response: PlatformResponse) => void;

async function byNode(respond: Respond): Promise<Response> {
  const server = createServer((_request, response: ServerResponse) => respond(response));
  onTestFinished(() => void server.close());
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

async function byFastify(respond: Respond): Promise<Response> {
  const lines: string[] = [];
  const stream = { write: (line: string) => lines.push(line) };
  const app = fastify({ logger: { level: 'warn', stream } });
  onTestFinished(async () => {
    await app.close();
    expect(lines).toEqual([]);
  });
  app.get('/', (_request, reply) => respond(reply as unknown as FastifyReply));
  return fetch(await app.listen({ host: '127.0.0.1', port: 0 }));
}

describe.each([
  ['Node', byNode],
  ['Fastify', byFastify],
])('an answer on %s', (_platform, ask) => {
  const body = { status: 'processed', id: 'ऋ' };

  it('is JSON with its length in bytes, and keeps the connection', async () => {
    const response = await ask(to => sendAnswer(to, { statusCode: 202, body }));
    expect(response.status).toBe(202);
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(response.headers.get('content-length')).toBe(
      String(Buffer.byteLength(JSON.stringify(body))),
    );
    expect(response.headers.get('connection')).toBe('keep-alive');
    expect(response.headers.get('retry-after')).toBeNull();
    expect(await response.json()).toEqual(body);
  });

  it('says when to send again, and that the connection closes', async () => {
    const response = await ask(to =>
      sendAnswer(to, { statusCode: 503, retryAfter: 0, body }, true),
    );
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('0');
    expect(response.headers.get('connection')).toBe('close');
    expect(await response.json()).toEqual(body);
  });

  it('is sent once', async () => {
    const response = await ask(to => {
      sendAnswer(to, { statusCode: 200, body });
      sendAnswer(to, { statusCode: 500, body: {} });
    });
    expect([response.status, await response.json()]).toEqual([200, body]);
  });

  it('does not follow one whose head is on its way', async () => {
    const response = await ask(to => {
      const node = 'raw' in to ? to.raw : to;
      node.writeHead(204);
      node.flushHeaders();
      sendAnswer(to, { statusCode: 500, body });
      node.end();
    });
    expect(response.status).toBe(204);
  });
});
