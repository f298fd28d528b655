import { ConsoleLogger, Injectable, Logger, type ConsoleLoggerOptions } from '@nestjs/common';
import { OnCallEnded, RevragWebhookModule, type CallEndedDto } from 'nestjs-revrag-webhook';
import { callEnded } from 'nestjs-revrag-webhook/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { SECRET, startApp } from '../../support/app.js';
import { startContext } from '../../support/context.js';
import { deferred } from '../../support/deferred.js';
import { eventually } from '../../support/eventually.js';
import { handlerPair } from '../../support/handler-pair.js';
import { PATH, deliver, post } from '../../support/send.js';
import { UnreliableStore } from '../../support/unreliable-store.js';

/** What handlers wait for. */
let gate: Promise<unknown> | undefined;
let running = 0;

@Injectable()
class Calls {
  @OnCallEnded()
  async save() {
    running += 1;
    await gate;
  }

  @OnCallEnded()
  bill({ duration }: CallEndedDto) {
    if (duration === 13) throw new Error('no credit');
  }
}

afterEach(() => {
  gate = undefined;
  vi.restoreAllMocks();
});

/** An app with Nest's own logger, and the lines that it writes for deliveries. */
async function start(options: ConsoleLoggerOptions) {
  const written: { stream: 'stdout' | 'stderr'; text: string }[] = [];
  for (const stream of ['stdout', 'stderr'] as const) {
    vi.spyOn(process[stream], 'write').mockImplementation(chunk => {
      written.push({ stream, text: String(chunk) });
      return true;
    });
  }
  const store = new UnreliableStore();
  const imports = [RevragWebhookModule.forRoot({ secret: SECRET, idempotency: { store } })];
  const logger = new ConsoleLogger({ colors: false, ...options });
  const { url } = await startApp({ imports, providers: [Calls] }, { logger });
  const lines = () => written.filter(({ text }) => /[["]RevragWebhook["\]]/.test(text));
  return { url, store, lines };
}

/** Every outcome once. */
async function deliverAll({ url, store }: Awaited<ReturnType<typeof start>>): Promise<void> {
  await deliver(url, { id: 'evt_1' });
  await deliver(url, { id: 'evt_1' });
  await deliver(url, { id: 'evt_2', type: 'call.rescored' });
  await deliver(url, { id: 'evt_3', secret: 'another' });
  await post(url + PATH, { headers: { 'x-webhook-id': 'evt_4' }, body: '{}' });
  await deliver(url, { id: 'evt_5', body: '{' });
  await deliver(url, { id: 'evt_6', body: callEnded({ duration: 13 }) });
  const opened = deferred();
  gate = opened.promise;
  running = 0;
  const slow = { id: 'evt_7', body: callEnded({ call_id: 'slow' }) };
  const first = deliver(url, slow);
  await eventually(() => running === 1);
  await deliver(url, slow);
  opened.resolve();
  await first;
  store.breakAll();
  await deliver(url, { id: 'evt_8', body: callEnded({ call_id: 'away' }) });
}

describe('the line of a delivery', () => {
  it('can be read and grepped', async () => {
    const app = await start({});
    await deliverAll(app);
    const lines = app.lines().map(({ stream, text }) => {
      const [, level, line] = /([A-Z]+) \[RevragWebhook\] (.*)\n$/.exec(text)!;
      return `${stream} ${level} ${line!.replace(/ in \d+ ms/, ' in N ms')}`;
    });
    const handlers = 'handlers: Calls.save, Calls.bill';
    expect(lines).toEqual([
      `stdout LOG call.ended evt_1 on default: processed in N ms; ${handlers}`,
      'stdout LOG call.ended evt_1 on default: duplicate in N ms',
      'stdout LOG call.rescored evt_2 on default: ignored in N ms',
      expect.stringMatching(
        /^stdout WARN Delivery on default: refused in N ms: signature_mismatch: /,
      ),
      expect.stringMatching(/^stdout WARN Delivery on default: refused in N ms: missing_header: /),
      expect.stringMatching(
        /^stdout WARN call.ended evt_5 on default: refused in N ms: malformed_json: /,
      ),
      'stderr ERROR Handler Calls.bill failed for delivery evt_6',
      `stderr ERROR call.ended evt_6 on default: failed in N ms; ${handlers}; not finished: Calls.bill`,
      'stdout LOG call.ended evt_7 on default: in_progress in N ms',
      `stdout LOG call.ended evt_7 on default: processed in N ms; ${handlers}`,
      expect.stringMatching(
        /^stderr ERROR call.ended evt_8 on default: refused in N ms: store_unavailable: /,
      ),
    ]);
  });

  it('is written where Nest 11 says of every level that it is off, having no levels', async () => {
    vi.spyOn(Logger, 'isLevelEnabled').mockReturnValue(false);
    const app = await start({});
    await deliver(app.url, { id: 'evt_1' });
    await deliver(app.url, { id: 'evt_2', secret: 'another' });
    const levels = app.lines().map(({ text }) => /([A-Z]+) \[RevragWebhook\]/.exec(text)![1]);
    expect(levels).toEqual(['LOG', 'WARN']);
  });

  it('is not written where its level is off', async () => {
    const app = await start({ logLevels: ['warn'] });
    await deliver(app.url, { id: 'evt_1' });
    await deliver(app.url, { id: 'evt_2', secret: 'another' });
    expect(app.lines()).toHaveLength(1);
  });

  it('is not even formed where the app has no logger, until it gets one', async () => {
    const log = vi.spyOn(Logger.prototype, 'log');
    const imports = [RevragWebhookModule.forRoot(SECRET)];
    const { app, url } = await startApp({ imports, providers: [Calls] }, { logger: false });
    log.mockClear();
    await deliver(url, { id: 'evt_1' });
    expect(log).not.toHaveBeenCalled();
    const written = vi.fn();
    app.useLogger({ log: written, warn: written, error: written });
    await deliver(url, { id: 'evt_2' });
    expect(written).toHaveBeenCalledTimes(1);
    app.useLogger(false);
  });

  it("has fields in JSON, Nest's own way", async () => {
    const app = await start({ json: true });
    await deliverAll(app);
    const entries = app
      .lines()
      .map(({ text }) => JSON.parse(text) as { level: string; message: Record<string, unknown> })
      // What a handler throws has a line of text.
      .filter(({ message }) => typeof message === 'object')
      .map(({ level, message: { duration, message, ...fields } }) => {
        expect(duration).toEqual(expect.any(Number));
        expect(message).toContain(`on default: ${String(fields.outcome)} in`);
        return [level, fields];
      });
    const endpoint = 'default';
    const handlers = ['Calls.save', 'Calls.bill'];
    const of = (id: string, type = 'call.ended') => ({ endpoint, id, type });
    expect(entries).toEqual([
      ['log', { ...of('evt_1'), outcome: 'processed', statusCode: 200, handlers }],
      ['log', { ...of('evt_1'), outcome: 'duplicate', statusCode: 200 }],
      ['log', { ...of('evt_2', 'call.rescored'), outcome: 'ignored', statusCode: 200 }],
      ['warn', { endpoint, outcome: 'refused', code: 'signature_mismatch', statusCode: 401 }],
      ['warn', { endpoint, outcome: 'refused', code: 'missing_header', statusCode: 401 }],
      ['warn', { ...of('evt_5'), outcome: 'refused', code: 'malformed_json', statusCode: 400 }],
      [
        'error',
        {
          ...of('evt_6'),
          outcome: 'failed',
          code: 'handler_failed',
          statusCode: 500,
          handlers,
          unfinished: ['Calls.bill'],
        },
      ],
      ['log', { ...of('evt_7'), outcome: 'in_progress', statusCode: 409 }],
      ['log', { ...of('evt_7'), outcome: 'processed', statusCode: 200, handlers }],
      [
        'error',
        {
          ...of('evt_8'),
          outcome: 'refused',
          code: 'store_unavailable',
          statusCode: 503,
          cause: 'Error',
        },
      ],
    ]);
  });

  it('can not be forged by what a sender chose', async () => {
    for (const json of [false, true]) {
      const app = await start({ json });
      // A header can't hold a line break, but these start a line in some viewers.
      await deliver(app.url, { id: 'evt\u0085forged', type: 'a\tb' });
      const [line] = app.lines();
      expect(line!.text).toContain('a?b evt?forged on default: ignored');
      vi.restoreAllMocks();
    }
  });
});

describe('a payload that breaks the contract', () => {
  it('is named in the line by paths, without values', async () => {
    const { Calls: Pair } = handlerPair();
    const { receive, logs } = await startContext([Pair]);
    const body = { call_id: 'c', agent_id: 'a', call_status: 'ENDED', duration: 'secret words' };
    expect(await receive({ id: 'odd', body })).toMatchObject({ status: 'processed' });
    expect(logs.of('log').join('\n')).toMatch(/odd on default: processed .*contract at duration\b/);
    expect(logs.text).not.toContain('secret words');
  });
});
