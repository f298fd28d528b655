import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

interface Answer {
  readonly answer?: { readonly requests: number; readonly statuses: Record<string, number> };
  readonly error?: string;
}

/** The whole suite is run by hand; this holds what all its figures rest on. */
it('sends requests that all differ, and reports their answers', async () => {
  const seen = { ids: new Set(), signatures: new Set(), bodies: new Set<string>() };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      seen.ids.add(request.headers['x-webhook-id']);
      seen.signatures.add(request.headers['x-webhook-signature']);
      seen.bodies.add(Buffer.concat(chunks).toString());
      response.setHeader('Content-Length', 2).end('{}');
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const file = fileURLToPath(new URL('support/load.mjs', import.meta.url));
  const load = spawn(process.execPath, [file], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ask = async (what: string, argument?: object): Promise<Answer> => {
    load.send({ id: 1, ask: what, with: argument });
    const [message] = (await once(load, 'message')) as [Answer];
    return message;
  };
  try {
    await once(load, 'message');
    const target = { port, path: '/', scheme: 'revrag', kind: 'genuine' };
    const size = { bytes: 20_000, language: 'hindi' };
    await ask('prepare', { ...target, ...size, count: 50, connections: 4, maxSeconds: 15 });
    const { answer } = await ask('run');
    expect(answer).toMatchObject({ requests: 50, statuses: { 200: 50 } });
    expect(seen.ids.size).toBe(50);
    expect(seen.signatures.size).toBe(50);
    expect(seen.bodies.size).toBe(50);
    const [body = ''] = seen.bodies;
    expect(JSON.parse(body)).toMatchObject({ call_status: 'ENDED' });
    expect(Buffer.byteLength(body)).toBeCloseTo(20_000, -3);
  } finally {
    const ended = once(load, 'exit');
    load.disconnect();
    await ended;
    server.close();
  }
});
