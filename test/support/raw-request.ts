import { request, type IncomingMessage } from 'node:http';
import type { Reply } from './send.js';

/** A request whose body is written as the test likes: in pieces, endless, or never. */
export interface RawRequest {
  write(chunk: Buffer | string): void;
  end(): void;
  /** Goes away without ending. */
  destroy(): void;
  readonly reply: Promise<Reply>;
}

/** Opens a request and sends its head at once. */
export function openRequest(url: string, headers: Record<string, string>): RawRequest {
  const outgoing = request(url, { method: 'POST', headers, agent: false });
  const reply = new Promise<Reply>((resolve, reject) => {
    outgoing.on('error', reject);
    outgoing.on('response', response => {
      void readReply(response).then(resolve, reject);
    });
  });
  // Whoever does not wait for the reply does not care how it failed.
  reply.catch(() => undefined);
  outgoing.flushHeaders();
  return {
    reply,
    write: chunk => outgoing.write(chunk),
    end: () => outgoing.end(),
    destroy: () => outgoing.destroy(),
  };
}

async function readReply(response: IncomingMessage): Promise<Reply> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return {
    status: response.statusCode ?? 0,
    headers: new Headers(response.headers as Record<string, string>),
    body: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : { text },
  };
}
