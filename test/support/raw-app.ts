import { Injectable } from '@nestjs/common';
import { OnRevragEvent, RevragWebhookModule, type Delivery } from 'nestjs-revrag-webhook';
import { afterEach, beforeEach, expect } from 'vitest';
import { SECRET, startApp } from './app.js';
import { RawSocket, type RawReply } from './raw-socket.js';
import { deliver } from './send.js';

@Injectable()
class Calls {
  readonly ids: string[] = [];

  @OnRevragEvent('*')
  note(_payload: unknown, { id }: Delivery) {
    this.ids.push(id);
  }
}

export interface RawApp {
  readonly url: string;
  /** Of the deliveries that were handled. */
  readonly ids: readonly string[];
  /** A connection, open when a test begins. */
  readonly socket: RawSocket;
  /** Writes it all and reads one answer; undefined where the connection ends without. */
  answerTo(bytes: string): Promise<RawReply | undefined>;
  /** Writes what is not HTTP, which Node ends the connection for, and sees that nothing came of it. */
  expectClosed(bytes: string): Promise<void>;
}

/**
 * An app for each test, for bytes written by hand. Whatever was done to it, it must go on serving
 * afterwards, and nothing may have been left unhandled.
 */
export function useRawApp(): RawApp {
  let url: string;
  let calls: Calls;
  let socket: RawSocket;
  const unhandled: unknown[] = [];
  const onUnhandled = (error: unknown) => unhandled.push(error);

  beforeEach(async () => {
    process.on('uncaughtExceptionMonitor', onUnhandled).on('unhandledRejection', onUnhandled);
    const imports = [RevragWebhookModule.forRoot({ secret: SECRET, bodyLimit: '8kb' })];
    const started = await startApp({ imports, providers: [Calls] });
    url = started.url;
    calls = started.app.get(Calls);
    socket = await RawSocket.open(url);
  });

  afterEach(async () => {
    socket.destroy();
    expect(await deliver(url, { id: 'evt_after_all' })).toMatchObject({ status: 200 });
    process.off('uncaughtExceptionMonitor', onUnhandled).off('unhandledRejection', onUnhandled);
    expect(unhandled).toEqual([]);
  });

  const answerTo = (bytes: string) => {
    socket.write(bytes);
    return socket.reply();
  };
  return {
    get url() {
      return url;
    },
    get ids() {
      return calls.ids;
    },
    get socket() {
      return socket;
    },
    answerTo,
    async expectClosed(bytes) {
      const reply = await answerTo(bytes);
      if (reply) expect(reply.status).toBe(400);
      await socket.closed;
      expect(calls.ids).toEqual([]);
    },
  };
}

export const processed = (id: string) => ({ status: 200, body: { status: 'processed', id } });
export const refused = (status: number, code: string) => ({ status, body: { code } });
