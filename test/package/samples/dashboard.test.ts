import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { callEnded, signDelivery } from 'nestjs-revrag-webhook/testing';
import type { Page } from 'playwright-core';
import { expect, it, vi } from 'vitest';
import { listen } from '../../support/app.js';
import { describeWithChromium, screenshot, useChromium } from '../../support/browser/page.js';
import { PATH, post } from '../../support/send.js';

const SECRET = 'whsec_sample';
const HOSTILE = [
  '<img src="x" onerror="alert(1)">',
  '</script><script>alert(2)</script>',
  '\u202eevil\u202c and "quoted" & <b>bold</b>',
].join('\n');

describeWithChromium('sample/07-dashboard', { timeout: 60_000 }, () => {
  const chromium = useChromium();

  async function start() {
    vi.stubEnv('REVRAG_WEBHOOK_SECRET', SECRET);
    const { AppModule } = await import('../../../sample/07-dashboard/src/app.module.js');
    const { servePage } = await import('../../../sample/07-dashboard/src/serve-page.js');
    vi.unstubAllEnvs();
    const app = await NestFactory.create<NestExpressApplication>(AppModule, {
      logger: false,
      forceCloseConnections: true,
    });
    servePage(app);
    const { url } = await listen(app);
    const send = async (call: Parameters<typeof callEnded>[0]) =>
      expect(
        await post(url + PATH, signDelivery({ secret: SECRET, body: callEnded(call) })),
      ).toMatchObject({ status: 200, body: { status: 'processed' } });
    return { url, send };
  }

  const listed = (page: Page) => page.locator('#calls button');
  const bars = (page: Page) => page.locator('#durations rect');

  it('shows calls as they end, before and after it was opened, with transcript and plot', async () => {
    const { url, send } = await start();
    await send({ call_id: 'call_1', duration: 50 });
    await send({ call_id: 'call_2', duration: 200 });
    const { page, complaints } = await chromium.open(url);
    await listed(page).nth(1).waitFor();
    await send({
      call_id: 'call_3',
      agent_id: 'cards',
      duration: 100,
      transcription: {
        messages: [
          { role: 'assistant', content: 'नमस्ते!' },
          { role: 'user', content: 'Hello, I have lost my card.' },
        ],
      },
    });
    await listed(page).nth(2).waitFor();

    expect(await listed(page).first().innerText()).toMatch(/cards\s+100 s$/);
    const heights = await bars(page).evaluateAll(found =>
      found.map((bar: { getAttribute(name: string): string | null }) =>
        Number(bar.getAttribute('height')),
      ),
    );
    expect(heights.map(height => height / heights[1]!)).toEqual([0.25, 1, 0.5]);

    await listed(page).first().click();
    expect(await page.locator('#conversation .assistant p').allInnerTexts()).toEqual(['नमस्ते!']);
    expect(await page.locator('#conversation .user p').allInnerTexts()).toEqual([
      'Hello, I have lost my card.',
    ]);
    await screenshot(page, 'dashboard');
    expect(complaints).toEqual([]);
  });

  it('takes nothing that was said for markup, a class, a link or a length', async () => {
    const { url, send } = await start();
    const { page, complaints } = await chromium.open(url);
    await send({
      call_id: HOSTILE,
      agent_id: HOSTILE,
      summary: HOSTILE,
      disconnection_reason: HOSTILE,
      end_time: null,
      duration: -1e300,
      recording_url: 'javascript:alert(3)',
      transcription: {
        messages: [
          { role: 'user" onclick="alert(4)', content: HOSTILE },
          { role: HOSTILE, content: `${'wide'.repeat(500)}${HOSTILE}` },
        ],
      },
    });
    await listed(page).click();
    const said = page.locator('#conversation p');
    expect(await said.first().textContent()).toBe(HOSTILE);
    expect(await page.locator('#summary').textContent()).toBe(HOSTILE);
    expect(await page.locator('#calls img, main img, main b, main script, main a').count()).toBe(0);
    expect(await page.locator('#conversation .other').count()).toBe(2);
    expect(await bars(page).getAttribute('height')).toBe('0');
    const isTooWide = 'document.documentElement.scrollWidth > window.innerWidth';
    expect(await page.evaluate(isTooWide)).toBe(false);
    await screenshot(page, 'dashboard-hostile');

    await send({ call_id: 'call_2', recording_url: 'https://recordings.example/1.mp3' });
    await listed(page).nth(1).waitFor();
    await listed(page).first().click();
    expect(await page.locator('main a').getAttribute('href')).toBe(
      'https://recordings.example/1.mp3',
    );
    expect(complaints).toEqual([]);
  });
});
