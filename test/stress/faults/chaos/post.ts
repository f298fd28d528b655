import { Agent, request } from 'node:http';

/** Longer than the checker's patience, so that what hangs is seen and the test still ends. */
const TIMEOUT_MS = 40_000;
/** A connection for each delivery: a reused one may be closed just as it is used again. */
const agent = new Agent({ keepAlive: false });

export interface Reply {
  /** 0 where the connection broke, -1 where nobody listened. */
  readonly status: number;
  readonly body: { readonly status?: string; readonly code?: string; readonly id?: string };
}

const broken = (status: number): Reply => ({ status, body: {} });

export function post(
  url: string,
  delivery: { body: Buffer; headers: Record<string, string> },
): Promise<Reply> {
  return new Promise(resolve => {
    const headers = { ...delivery.headers, 'content-length': String(delivery.body.length) };
    const outgoing = request(url, { method: 'POST', agent, headers }, response => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve(replyOf(response.statusCode ?? 0, text)));
      response.on('error', () => resolve(broken(0)));
    });
    outgoing.setTimeout(TIMEOUT_MS, () => outgoing.destroy());
    outgoing.on('error', error => {
      const isRefused = (error as NodeJS.ErrnoException).code === 'ECONNREFUSED';
      resolve(broken(isRefused ? -1 : 0));
    });
    outgoing.end(delivery.body);
  });
}

function replyOf(status: number, text: string): Reply {
  try {
    return { status, body: JSON.parse(text) as Reply['body'] };
  } catch {
    return { status, body: { code: `no JSON: ${text.slice(0, 40)}` } };
  }
}
