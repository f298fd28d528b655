import { FastifyAdapter } from '@nestjs/platform-fastify';
import { NestFactory } from '@nestjs/core';
import { callEnded, signDelivery } from 'nestjs-revrag-webhook/testing';
import { describe, expect, it, vi } from 'vitest';
import { listen } from '../../support/app.js';
import { PATH, post } from '../../support/send.js';

describe('sample/05-fastify', () => {
  it('saves a call with a transcript that is larger than what Fastify reads', async () => {
    const secret = 'whsec_sample';
    vi.stubEnv('REVRAG_WEBHOOK_SECRET', secret);
    const { AppModule } = await import('../../../sample/05-fastify/src/app.module.js');
    const { CallsService } = await import('../../../sample/05-fastify/src/calls.service.js');
    vi.unstubAllEnvs();
    const { app, url } = await listen(
      await NestFactory.create(AppModule, new FastifyAdapter(), { logger: false }),
    );
    const messages = [{ role: 'user', content: 'x'.repeat(1_500_000) }];
    const call = callEnded({ transcription: { messages } });
    const delivery = signDelivery({ secret, body: call });
    expect(await post(url + PATH, delivery)).toMatchObject({ body: { status: 'processed' } });
    expect(await post(url + PATH, delivery)).toMatchObject({ body: { status: 'duplicate' } });
    expect(app.get(CallsService).saved).toEqual([call.call_id]);
  });
});
