import { NestFactory } from '@nestjs/core';
import {
  CallEndedDto,
  RevragPayloadError,
  RevragSignatureError,
  RevragWebhookModule,
  RevragWebhookService,
  toAnswer,
} from 'nestjs-revrag-webhook';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { SECRET, appModule } from '../support/app.js';
import { recorder } from '../support/recorder.js';
import { genuine } from '../support/send.js';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const app of open.splice(0)) await app.close();
});

/** An app without HTTP, as a queue consumer or a function has. */
async function start() {
  const { Calls, received } = recorder();
  const root = appModule({ imports: [RevragWebhookModule.forRoot(SECRET)], providers: [Calls] });
  const app = await NestFactory.createApplicationContext(root, {
    logger: false,
    abortOnError: false,
  });
  open.push(app);
  return { service: app.get(RevragWebhookService), received };
}

describe('RevragWebhookService without HTTP', () => {
  it('verifies', async () => {
    const { service } = await start();
    const { body, headers } = genuine({ id: 'evt_1' });
    await expect(service.verify(body, headers)).resolves.toMatchObject({ id: 'evt_1' });
    await expect(service.verify(`${body.toString()} `, headers)).rejects.toThrow(
      RevragSignatureError,
    );
  });

  it('constructs events, and calls no handler for it', async () => {
    const { service, received } = await start();
    const { body, headers } = genuine({ id: 'evt_1' });
    const event = await service.constructEvent(body, headers);
    expect(event.payload).toBeInstanceOf(CallEndedDto);
    expect(event.payload.app_user_id).toBe('user_12345');
    expect(event).toMatchObject({
      type: 'call.ended',
      delivery: { id: 'evt_1', endpoint: 'default' },
    });
    expect(received).toHaveLength(0);
    const invalid = genuine({ body: '{}' });
    await expect(service.constructEvent(invalid.body, invalid.headers)).rejects.toThrow(
      RevragPayloadError,
    );
  });

  it('receives as the endpoint does; what a sender did wrong is an outcome', async () => {
    const { service, received } = await start();
    const { body, headers } = genuine({ id: 'evt_1' });
    expect(await service.receive(body, headers)).toMatchObject({
      status: 'processed',
      id: 'evt_1',
    });
    expect(await service.receive(body, headers)).toEqual({ status: 'duplicate', id: 'evt_1' });
    expect(received).toHaveLength(1);
    const forged = await service.receive(body, { ...headers, 'x-webhook-timestamp': '1' });
    expect(toAnswer(forged)).toMatchObject({ statusCode: 401, body: { code: 'malformed_header' } });
    const parsed = await service.receive(JSON.parse(body.toString()) as Buffer, genuine().headers);
    expect(toAnswer(parsed)).toMatchObject({ statusCode: 500, body: { code: 'raw_body_missing' } });
  });

  it('parses nothing that is not authentic [pitfall 7]', async () => {
    const { service } = await start();
    const { body, headers } = genuine({ secret: 'another' });
    const parse = vi.spyOn(JSON, 'parse');
    try {
      await service.receive(body, headers);
      await service.receive(body, { ...headers, 'x-webhook-timestamp': '1' });
      await service.receive(body, {});
      expect(parse).not.toHaveBeenCalled();
      const good = genuine();
      await service.receive(good.body, good.headers);
      expect(parse).toHaveBeenCalledOnce();
    } finally {
      parse.mockRestore();
    }
  });
});
