import { callEnded, signDelivery } from 'nestjs-revrag-webhook/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithChromium, screenshot, useChromium } from '../../support/browser/page.js';
import { eventually } from '../../support/eventually.js';
import { buildSample, startSample, type SampleProcess } from '../../support/sample-process.js';
import { PATH, post } from '../../support/send.js';
import { describeWithRedis, useRedis } from '../../support/servers/redis.js';

const SECRET = 'whsec_sample';
const PASSWORD = 'open sesame';
const authorization = (password: string) => ({
  authorization: `Basic ${Buffer.from(`me:${password}`).toString('base64')}`,
});

describeWithRedis('sample/04-queue', () => {
  const redis = useRedis();
  let sample: SampleProcess;

  beforeAll(async () => {
    sample = await startSample(buildSample('04-queue'), {
      REDIS_URL: redis.url,
      REVRAG_WEBHOOK_SECRET: SECRET,
      BOARD_PASSWORD: PASSWORD,
    });
  });
  afterAll(() => sample?.kill());

  it('queues a delivery, runs both handlers and guards its board', async () => {
    const board = `${sample.url}/queues/api/queues?activeQueue=revrag-webhook&status=completed`;
    const completed = async (): Promise<number> => {
      const response = await fetch(board, { headers: authorization(PASSWORD) });
      const { queues } = (await response.json()) as { queues: [{ counts: { completed: number } }] };
      return queues[0].counts.completed;
    };
    const before = await completed();
    const body = callEnded({ call_id: `call_${Date.now()}` });
    const sent = await post(sample.url + PATH, signDelivery({ secret: SECRET, body }));
    expect(sent).toMatchObject({ status: 202 });
    await eventually(async () => (await completed()) === before + 2, 'Both');

    expect((await fetch(board)).status).toBe(401);
    expect((await fetch(board, { headers: authorization('sesame') })).status).toBe(401);
  });

  describeWithChromium('its board', () => {
    const chromium = useChromium();

    it('asks nothing of other hosts', async () => {
      const { page, complaints } = await chromium.open(
        `${sample.url}/queues/queue/revrag-webhook?status=completed`,
        { httpCredentials: { username: 'me', password: PASSWORD } },
      );
      await page.getByText('CallsService.inform').first().waitFor();
      await screenshot(page, 'board');
      expect(complaints).toEqual([]);
    });
  });
});
