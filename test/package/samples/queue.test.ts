import { expect, it, vi } from 'vitest';
import { NestFactory } from '@nestjs/core';
import { callEnded, signDelivery } from 'nestjs-revrag-webhook/testing';
import { listen } from '../../support/app.js';
import { eventually } from '../../support/eventually.js';
import { PATH, post } from '../../support/send.js';
import { describeWithOwnRedis, startRedis } from '../../support/servers/redis.js';

describeWithOwnRedis('sample/04-queue', () => {
  it('queues a delivery, runs both handlers and guards its board', async ({ onTestFinished }) => {
    const { url: redisUrl, server } = await startRedis();
    onTestFinished(() => server.dispose());
    const secret = 'whsec_sample';
    vi.stubEnv('REDIS_URL', redisUrl);
    vi.stubEnv('REVRAG_WEBHOOK_SECRET', secret);
    vi.stubEnv('BOARD_PASSWORD', 'open sesame');
    const { AppModule } = await import('../../../sample/04-queue/src/app.module.js');
    const { CallsService } = await import('../../../sample/04-queue/src/calls.service.js');
    vi.unstubAllEnvs();

    const { app, url } = await listen(await NestFactory.create(AppModule, { logger: false }));
    const body = callEnded();
    expect(await post(url + PATH, signDelivery({ secret, body }))).toMatchObject({ status: 202 });
    const calls = app.get(CallsService);
    await eventually(() => calls.saved.length === 1 && calls.informed.length === 1, 'Both');

    const board = `${url}/queues/api/queues?activeQueue=revrag-webhook&status=completed`;
    expect((await fetch(board)).status).toBe(401);
    const authorization = (password: string) => ({
      authorization: `Basic ${Buffer.from(`me:${password}`).toString('base64')}`,
    });
    expect((await fetch(board, { headers: authorization('sesame') })).status).toBe(401);
    const seen = await fetch(board, { headers: authorization('open sesame') });
    expect(seen.status).toBe(200);
    expect(await seen.text()).toContain('CallsService.inform');
    await app.close();
  });
});
