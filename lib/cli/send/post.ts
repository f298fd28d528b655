import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { buffer } from 'node:stream/consumers';
import type { SignedDelivery } from '../../testing/sign-delivery.js';

export interface Reply {
  readonly status: number;
  readonly body: Buffer;
}

/** Posts deliveries over keep-alive connections. */
export class Poster {
  private readonly agent: HttpAgent;

  constructor(
    private readonly url: URL,
    connections: number,
    /** Milliseconds for an answer. */
    private readonly timeout: number,
  ) {
    const Agent = url.protocol === 'https:' ? HttpsAgent : HttpAgent;
    this.agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  /** @throws NodeJS.ErrnoException where no answer came; `ETIMEDOUT` where it took too long */
  async post(delivery: SignedDelivery<Buffer>, signal: AbortSignal): Promise<Reply> {
    for (;;) {
      const state = { reused: false };
      try {
        return await this.postOnce(delivery, signal, state);
      } catch (error) {
        // The receiver closed an idle connection in the moment it was used again.
        const isStale = state.reused && (error as NodeJS.ErrnoException).code === 'ECONNRESET';
        if (!isStale || signal.aborted) throw error;
      }
    }
  }

  close(): void {
    this.agent.destroy();
  }

  private postOnce(
    { body, headers }: SignedDelivery<Buffer>,
    signal: AbortSignal,
    state: { reused: boolean },
  ): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const send = this.url.protocol === 'https:' ? httpsRequest : httpRequest;
      const request = send(this.url, {
        method: 'POST',
        agent: this.agent,
        headers: { ...headers, 'content-length': body.length },
        signal,
      });
      const timer = setTimeout(() => request.destroy(timedOut()), this.timeout);
      const receive = async (response: IncomingMessage) => ({
        status: response.statusCode ?? 0,
        body: await buffer(response),
      });
      request.once('response', response => void receive(response).then(resolve, reject));
      request.once('error', error => {
        state.reused = request.reusedSocket;
        reject(error);
      });
      request.once('close', () => clearTimeout(timer));
      request.end(body);
    });
  }
}

const timedOut = (): Error => Object.assign(new Error('No answer in time'), { code: 'ETIMEDOUT' });
