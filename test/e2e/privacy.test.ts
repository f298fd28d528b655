import { ConsoleLogger, Injectable } from '@nestjs/common';
import { OnCallEnded, RevragWebhookModule, type CallEndedDto } from 'nestjs-revrag-webhook';
import { callEnded } from 'nestjs-revrag-webhook/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { SECRET, startApp } from '../support/app.js';
import { PATH, deliver, genuine, post } from '../support/send.js';
import { UnreliableStore } from '../support/unreliable-store.js';

/** Text that stands for what a bank's customer said. */
const PERSONAL = 'my account is 4711-0815';
const personal = (overrides: object = {}) =>
  callEnded({
    summary: PERSONAL,
    app_user_id: PERSONAL,
    transcription: { messages: [{ role: 'user', content: PERSONAL }] },
    [PERSONAL]: PERSONAL,
    ...overrides,
  });

@Injectable()
class Calls {
  @OnCallEnded()
  save(call: CallEndedDto) {
    if (call.duration === 13) throw new Error('handler broke');
  }
}

afterEach(() => vi.restoreAllMocks());

describe('personal data and secrets [pitfall 25]', () => {
  it('stand in no log line and no answer, whatever becomes of a delivery', async () => {
    const written: string[] = [];
    for (const stream of [process.stdout, process.stderr]) {
      vi.spyOn(stream, 'write').mockImplementation(chunk => {
        written.push(String(chunk));
        return true;
      });
    }
    const store = new UnreliableStore();
    const imports = [RevragWebhookModule.forRoot({ secret: SECRET, idempotency: { store } })];
    const logger = new ConsoleLogger({
      logLevels: ['verbose', 'debug', 'log', 'warn', 'error', 'fatal'],
    });
    const { url } = await startApp({ imports, providers: [Calls] }, { logger });
    const replies = [
      await deliver(url, { id: 'ok', body: personal() }),
      await deliver(url, { id: 'ok', body: personal() }),
      await deliver(url, { body: personal({ duration: 13 }) }),
      await deliver(url, { body: personal({ call_id: [PERSONAL], transcription: [PERSONAL] }) }),
      await deliver(url, { body: personal({ duration: PERSONAL, transcription: [PERSONAL] }) }),
      await deliver(url, { body: `{"summary":"${PERSONAL}"` }),
      await deliver(url, {
        body: personal({ nested: JSON.parse(`{"__proto__":"${PERSONAL}"}`) as object }),
      }),
      await deliver(url, { type: 'other', body: personal() }),
      await deliver(url, { secret: 'another', body: personal() }),
      await post(url + PATH, { headers: genuine().headers, body: `{"summary":"${PERSONAL}"` }),
    ];
    store.breakAll();
    replies.push(await deliver(url, { body: personal({ call_id: 'store away' }) }));
    vi.restoreAllMocks();

    expect(replies.map(({ status }) => status)).toEqual([
      200, 200, 500, 400, 200, 400, 400, 200, 401, 401, 503,
    ]);
    const everything = JSON.stringify([written, replies.map(({ body }) => body)]);
    expect(everything).toContain('handler broke');
    expect(everything).not.toContain('4711');
    expect(everything).not.toContain(SECRET);
  });

  it('an id can not forge a line of the log', async () => {
    const lines: string[] = [];
    const logger = new ConsoleLogger();
    vi.spyOn(logger, 'log').mockImplementation(
      (message: unknown) => void lines.push(String(message)),
    );
    const imports = [RevragWebhookModule.forRoot(SECRET)];
    const { app } = await startApp({ imports, providers: [Calls] }, { logger });
    const { RevragWebhookService } = await import('nestjs-revrag-webhook');
    const { body, headers } = genuine({ id: 'evt_1\n[Nest] ERROR everything is lost' });
    await app.get(RevragWebhookService).receive(body, headers);
    const line = lines.find(text => text.includes('evt_1'));
    expect(line).toContain('evt_1?[Nest] ERROR');
  });
});
