import {
  Body,
  Catch,
  Controller,
  HttpCode,
  Post,
  Req,
  Res,
  UseFilters,
  UseGuards,
  type ArgumentsHost,
  type ExceptionFilter,
  type Type,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import express, { type Response } from 'express';
import {
  CallEndedDto,
  RevragDelivery,
  RevragEndpoint,
  RevragEventPipe,
  RevragSignatureGuard,
  RevragWebhookError,
  RevragWebhookModule,
  RevragWebhookService,
  VerifiedDelivery,
  toAnswer,
  type RevragEvent,
} from 'nestjs-revrag-webhook';
import { callEnded } from 'nestjs-revrag-webhook/testing';
import { describe, expect, it } from 'vitest';
import { SECRET, platform, startApp } from '../support/app.js';
import { genuine, post } from '../support/send.js';

const imports = [RevragWebhookModule.forRoot({ secret: SECRET, path: false })];

/** Made for a test, so that decorators run in it. */
function ownController(): Type {
  @Controller('own')
  class OwnController {
    @Post('event')
    @HttpCode(200)
    @RevragEndpoint()
    event(@RevragDelivery(RevragEventPipe) event: RevragEvent<CallEndedDto>) {
      return {
        isDto: event.payload instanceof CallEndedDto,
        id: event.delivery.id,
        length: event.delivery.rawBody.length,
      };
    }

    @Post('delivery')
    @RevragEndpoint()
    delivery(@RevragDelivery() delivery: VerifiedDelivery) {
      return { isVerified: delivery instanceof VerifiedDelivery, type: delivery.type };
    }

    @Post('guarded')
    @UseGuards(RevragSignatureGuard)
    guarded(@RevragDelivery() delivery: VerifiedDelivery, @Body() body: unknown) {
      return { type: delivery.type, body };
    }

    @Post('unguarded')
    unguarded(@RevragDelivery() delivery: VerifiedDelivery) {
      return { delivery };
    }
  }
  return OwnController;
}

const start = (nest = {}, configure?: Parameters<typeof startApp>[2]) =>
  startApp({ imports, controllers: [ownController()] }, nest, configure);

describe('a controller of one’s own', () => {
  it('has no built-in endpoint beside it with path: false', async () => {
    const { url } = await start();
    expect(await post(`${url}/webhooks/revrag`, genuine())).toMatchObject({ status: 404 });
  });

  it('gets events by @RevragEndpoint() and the pipe, with no change to main.ts', async () => {
    const { url } = await start();
    const body = callEnded({ summary: 'x'.repeat(1_500_000) });
    const reply = await post(`${url}/own/event`, genuine({ id: 'evt_1', body }));
    expect(reply).toMatchObject({ status: 200, body: { isDto: true, id: 'evt_1' } });
    expect(reply.body.length).toBeGreaterThan(1_500_000);
  });

  it('gets verified deliveries without the pipe', async () => {
    const { url } = await start();
    const reply = await post(`${url}/own/delivery`, genuine({ type: 'call.started', body: '{}' }));
    expect(reply).toMatchObject({ status: 201, body: { isVerified: true, type: 'call.started' } });
  });

  it('may be compiled without the types of its parameters, as by esbuild', async () => {
    class Untyped {
      receive({ id }: VerifiedDelivery) {
        return { id };
      }
    }
    const { prototype } = Untyped;
    const descriptor = Object.getOwnPropertyDescriptor(prototype, 'receive')!;
    for (const decorate of [Post('untyped'), RevragEndpoint()]) {
      decorate(prototype, 'receive', descriptor);
    }
    RevragDelivery()(prototype, 'receive', 0);
    Controller()(Untyped);
    const { url } = await startApp({ imports, controllers: [Untyped] });
    expect(await post(`${url}/untyped`, genuine({ id: 'evt_1' }))).toMatchObject({
      status: 201,
      body: { id: 'evt_1' },
    });
  });

  it('takes what breaks the contract as the endpoint’s option says', async () => {
    const body = { ...callEnded(), duration: '72' };
    const { url } = await start();
    expect(await post(`${url}/own/event`, genuine({ body }))).toMatchObject({ status: 200 });
    const strict = await startApp({
      imports: [RevragWebhookModule.forRoot({ secret: SECRET, path: false, validation: 'strict' })],
      controllers: [ownController()],
    });
    expect(await post(`${strict.url}/own/event`, genuine({ body }))).toMatchObject({
      status: 400,
      body: { violations: [{ path: 'duration', message: 'must be a number' }] },
    });
  });

  it('answers errors with their own status and code [pitfall 12]', async () => {
    const { url } = await start();
    expect(await post(`${url}/own/event`, genuine({ secret: 'another' }))).toMatchObject({
      status: 401,
      body: { statusCode: 401, code: 'signature_mismatch' },
    });
    expect(await post(`${url}/own/event`, genuine({ body: '{}' }))).toMatchObject({
      status: 400,
      body: { statusCode: 400, code: 'invalid_payload', violations: expect.any(Array) as unknown },
    });
    expect(await post(`${url}/own/event`, { headers: {}, body: '{}' })).toMatchObject({
      status: 401,
      body: { code: 'missing_header' },
    });
  });

  const EXPRESS_RAW: [string, object, Parameters<typeof startApp>[2]] = [
    'express.raw()',
    {},
    app => app.use(express.raw({ type: '*/*' })),
  ];
  it.each<[string, object, Parameters<typeof startApp>[2]]>([
    ['rawBody: true', { rawBody: true }, undefined],
    ...(platform === 'express' ? [EXPRESS_RAW] : []),
  ])('may use the guard alone with %s', async (_name, nest, configure) => {
    const { url } = await start(nest, configure);
    expect(await post(`${url}/own/guarded`, genuine())).toMatchObject({
      status: 201,
      body: { type: 'call.ended' },
    });
  });

  it.each([
    ['the default parser', {}, 'application/json'],
    ['a content type without raw body', { rawBody: true }, 'text/plain'],
    ['no parser', { bodyParser: false }, 'application/json'],
  ])('is told how to mend it where %s left no raw bytes [pitfall 8]', async (_name, nest, type) => {
    const { url } = await start(nest);
    const { body, headers } = genuine();
    const reply = await post(`${url}/own/guarded`, {
      body,
      headers: { ...headers, 'content-type': type },
    });
    expect(reply).toMatchObject({
      status: 500,
      body: { statusCode: 500, code: 'raw_body_missing' },
    });
    expect(reply.body.message).toMatch(/@RevragEndpoint\(\).*rawBody: true/);
  });

  it('is told when the guard is missing', async () => {
    const { url } = await start();
    expect(await post(`${url}/own/unguarded`, genuine())).toMatchObject({ status: 500 });
  });

  it('may catch all errors of the library by one class', async () => {
    @Catch(RevragWebhookError)
    class Filter implements ExceptionFilter<RevragWebhookError> {
      constructor(private readonly host: HttpAdapterHost) {}
      catch(error: RevragWebhookError, host: ArgumentsHost): void {
        const response: unknown = host.switchToHttp().getResponse();
        this.host.httpAdapter.reply(response, { mine: error.code }, 422);
      }
    }
    @Controller('filtered')
    @UseFilters(Filter)
    class Filtered {
      @Post()
      @RevragEndpoint()
      event(@RevragDelivery(RevragEventPipe) event: RevragEvent) {
        return event.type;
      }
    }
    const { url } = await startApp({ imports, controllers: [Filtered] });
    const reply = await post(`${url}/filtered`, genuine({ body: '[]' }));
    expect(reply).toMatchObject({ status: 422, body: { mine: 'invalid_payload' } });
  });

  it('may belong to a named endpoint', async () => {
    @Controller('named')
    class Named {
      @Post()
      @RevragEndpoint('sales')
      delivery(@RevragDelivery() { endpoint }: VerifiedDelivery) {
        return { endpoint };
      }
    }
    const named = RevragWebhookModule.forRoot({ secret: 'x', name: 'sales', path: false });
    const { url } = await startApp({ imports: [...imports, named], controllers: [Named] });
    expect(await post(`${url}/named`, genuine())).toMatchObject({ status: 401 });
    const reply = await post(`${url}/named`, genuine({ secret: 'x' }));
    expect(reply).toMatchObject({ status: 201, body: { endpoint: 'sales' } });
    // A name that no import has stops the boot.
    await expect(startApp({ imports, controllers: [Named] })).rejects.toThrow(
      /no RevRag webhook endpoint "sales"; there is "default"/,
    );
  });

  it('may go the whole way by hand', async () => {
    @Controller('manual')
    class Manual {
      constructor(private readonly webhook: RevragWebhookService) {}
      @Post()
      async receive(
        @Req() request: express.Request & { rawBody: Buffer },
        @Res() response: Response,
      ) {
        const outcome = await this.webhook.receive(request.rawBody, request.headers);
        const { statusCode, body } = toAnswer(outcome);
        response.status(statusCode).send(body);
      }
    }
    const { url } = await startApp({ imports, controllers: [Manual] }, { rawBody: true });
    expect(await post(`${url}/manual`, genuine({ id: 'evt_1' }))).toMatchObject({
      status: 200,
      body: { status: 'ignored', id: 'evt_1' },
    });
    expect(await post(`${url}/manual`, genuine({ secret: 'no' }))).toMatchObject({ status: 401 });
  });
});
