import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Logger, SetMetadata } from '@nestjs/common';
import { RevragUnavailableError } from 'nestjs-revrag-webhook';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { WebhookReceiver } from '../../../../lib/core/delivery/webhook-receiver.js';
import {
  createEndpointController,
  type EndpointController,
} from '../../../../lib/core/http/endpoint.controller.js';
import { stateOf } from '../../../../lib/core/http/request.js';
import { LogCollector } from '../../../support/logs.js';

type Receive = WebhookReceiver['receive'];

const create = (name: string, decorators: ClassDecorator[] = []) =>
  createEndpointController({ name, path: 'hooks', decorators });

/** Sends a request to the controller of a receiver, past any platform. */
async function answer(receive: Receive, prepare: (request: IncomingMessage) => void) {
  const refuse: WebhookReceiver['refuse'] = error => ({ status: 'refused', error });
  const Class = create('default') as new (receiver: object) => EndpointController;
  const controller = new Class({ receive, refuse });
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    prepare(request);
    void controller.receive(request, response);
  });
  onTestFinished(() => void server.close());
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const response = await fetch(url, { method: 'POST' });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe('the controller of an endpoint', () => {
  let logs: LogCollector;
  beforeEach(() => Logger.overrideLogger((logs = new LogCollector())));

  const bytes = Buffer.from('{}');
  const withBody = (request: IncomingMessage) => (stateOf(request).rawBody = bytes);
  const processed: Receive = () =>
    Promise.resolve({ status: 'processed', id: 'evt_1' } as Awaited<ReturnType<Receive>>);

  it('has a name of its own, but for the default endpoint, and the decorators that were given', () => {
    expect(create('default').name).toBe('RevragWebhookController');
    expect(create('sales').name).toBe('RevragWebhook_salesController');
    const Public = create('sales', [SetMetadata('a', 1), SetMetadata('b', 2)]);
    expect(['a', 'b'].map(key => Reflect.getMetadata(key, Public) as unknown)).toEqual([1, 2]);
  });

  it('hands over what was kept of the request, and answers with the outcome', async () => {
    const receive = vi.fn(processed);
    const kept = { head: {} as never, params: { agent: 'loans' } };
    const release = vi.fn();
    let request: IncomingMessage | undefined;
    const reply = await answer(receive, incoming => {
      request = incoming;
      withBody(incoming);
      Object.assign(stateOf(incoming), kept, { share: { grow: () => true, release } });
    });
    expect(reply).toEqual({ status: 200, body: { status: 'processed', id: 'evt_1' } });
    expect(receive).toHaveBeenCalledExactlyOnceWith(
      bytes,
      request?.headers,
      expect.objectContaining({ ...kept, request, onVerified: release }),
    );
  });

  it('needs no share of the memory for a body that others have read', async () => {
    expect(await answer(processed, withBody)).toMatchObject({ status: 200 });
  });

  it('answers an error of the library as a refusal', async () => {
    const overloaded = new RevragUnavailableError('overloaded', 'Too many.', 5);
    const reply = await answer(() => Promise.reject(overloaded), withBody);
    expect(reply).toMatchObject({ status: 503, body: { code: 'overloaded' } });
    const lost = await answer(processed, () => undefined);
    expect(lost).toMatchObject({ status: 500, body: { code: 'raw_body_missing' } });
    expect(logs.text).toBe('');
  });

  it('answers 500 for what nobody expects, which the receiver has logged', async () => {
    const reply = await answer(() => Promise.reject(new TypeError('x is no function')), withBody);
    expect(reply).toMatchObject({ status: 500, body: { code: 'internal_error' } });
    expect(logs.text).toBe('');
  });
});
