import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { callEnded, signDelivery } from 'nestjs-revrag-webhook/testing';
import type { Page } from 'playwright-core';
import { expect, it, vi } from 'vitest';
import { listen } from '../../support/app.js';
import { axeComplaints } from '../../support/browser/axe.js';
import { describeWithChromium, screenshot, useChromium } from '../../support/browser/page.js';
import { PATH, post } from '../../support/send.js';

const SECRET = 'whsec_sample';
const HOSTILE = [
  '<img src="x" onerror="alert(1)">',
  '</script><script>alert(2)</script>',
  '\u202eevil\u202c and "quoted" & <b>bold</b>',
].join('\n');
/** What text is set in less than 11 pixels. */
const SMALL = `[...document.querySelectorAll('body *')]
  .filter(({ childNodes }) => [...childNodes].some(({ nodeType }) => nodeType === Node.TEXT_NODE))
  .filter(node => Number.parseFloat(getComputedStyle(node).fontSize) < 11)
  .map(({ textContent }) => textContent)`;
const PHONE = { viewport: { width: 375, height: 740 }, hasTouch: true, isMobile: true };
const DESK = { viewport: { width: 1280, height: 800 } };

describeWithChromium('sample/07-dashboard', () => {
  const chromium = useChromium();

  async function start() {
    vi.stubEnv('REVRAG_WEBHOOK_SECRET', SECRET);
    const { AppModule } = await import('../../../sample/07-dashboard/src/app.module.js');
    const { servePage } = await import('../../../sample/07-dashboard/src/serve-page.js');
    const { sendCalls } = await import('../../../sample/07-dashboard/src/demonstration.js');
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
    const sendAll = () => sendCalls(url + PATH, SECRET, () => Promise.resolve());
    return { url, send, sendAll };
  }

  const listed = (page: Page) => page.locator('#calls button');
  const bars = (page: Page) => page.locator('#durations button');
  const focused = (page: Page) => page.locator(':focus');
  const detail = (page: Page) => page.locator('#detail');
  const isTooWide = 'document.documentElement.scrollWidth > window.innerWidth';

  it('shows calls as they end, before and after it was opened', async () => {
    const { url, send } = await start();
    await send({ call_id: 'call_1', agent_id: 'loans', duration: 50, summary: null });
    await send({ call_id: 'call_2', agent_id: 'loans', duration: 200 });
    const { page, complaints } = await chromium.open(url);
    await listed(page).nth(1).waitFor();
    await send({
      call_id: 'call_3',
      agent_id: 'cards',
      duration: 100,
      end_time: '2026-05-27T12:06:12Z',
      app_user_id: 'user_7',
      custom_variables: [{ key: 'card_blocked', type: 'boolean', value: true }],
      transcription: {
        messages: [
          { role: 'assistant', content: 'नमस्ते!' },
          { role: 'user', content: 'Hello, I have lost my card.' },
        ],
      },
    });
    await listed(page).nth(2).waitFor();

    expect(await listed(page).first().innerText()).toMatch(/^cards\s.*\s1 min 40 s$/s);
    expect(await listed(page).last().innerText()).toContain('No summary yet');
    const shares = await bars(page).evaluateAll(found =>
      found.map((bar: { style: { getPropertyValue(name: string): string } }) =>
        Number(bar.style.getPropertyValue('--share')),
      ),
    );
    expect(shares.map(share => share / shares[1]!)).toEqual([0.25, 1, 0.5]);

    await listed(page).first().click();
    expect(await page.locator('#conversation .assistant p').allInnerTexts()).toEqual(['नमस्ते!']);
    expect(await page.locator('#conversation .user p').allInnerTexts()).toEqual([
      'Hello, I have lost my card.',
    ]);
    const text = await detail(page).innerText();
    expect(text).toMatch(/May/);
    expect(text).toMatch(/card_blocked\s+yes/);
    expect(text).toMatch(/plan\s+gold/);
    expect(text).toMatch(/User\s+user_7/);
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
      app_user_id: HOSTILE,
      end_time: null,
      duration: -1e300,
      recording_url: 'javascript:alert(3)',
      variables_fields: { [HOSTILE]: HOSTILE, toString: { length: HOSTILE } },
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
    expect(await page.locator('main img, main b, main script, main a').count()).toBe(0);
    expect(await page.locator('#conversation .other').count()).toBe(2);
    expect(await bars(page).getAttribute('style')).toBe('--share: 0;');
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

  it('is used by keyboard alone, and keeps the focus while calls come in', async () => {
    const { url, send } = await start();
    await send({ call_id: 'call_1', agent_id: 'loans', summary: 'first' });
    await send({ call_id: 'call_2', agent_id: 'cards', summary: 'second' });
    await send({ call_id: 'call_3', agent_id: 'loans', summary: 'third' });
    const { page, complaints } = await chromium.open(url, DESK);
    await listed(page).nth(2).waitFor();

    const press = async (...keys: string[]) => {
      for (const key of keys) await page.keyboard.press(key);
    };
    await press('Tab');
    expect(await focused(page).getAttribute('id')).toBe('agent');
    await press('Tab');
    expect(await focused(page).getAttribute('aria-label')).toMatch(/^loans, .*: 1 min 12 s$/);
    await press('ArrowLeft', 'Enter');
    expect(await page.locator('#summary').innerText()).toBe('second');
    await press('Tab', 'ArrowDown', 'ArrowDown');
    expect(await focused(page).innerText()).toContain('first');
    await press('Enter');
    expect(await page.locator('#summary').innerText()).toBe('first');

    await send({ call_id: 'call_4', agent_id: 'cards' });
    await send({ call_id: 'call_1', agent_id: 'loans', summary: 'first, and finished' });
    await page.locator('#summary', { hasText: 'first, and finished' }).waitFor();
    expect(await listed(page).count()).toBe(4);
    expect(await focused(page).innerText()).toContain('first, and finished');
    expect(await focused(page).getAttribute('aria-current')).toBe('true');

    // A call that the filter hides hands the focus to one beside it, as does one that is too old.
    for (let index = 5; index <= 53; index += 1) {
      await send({ call_id: `call_${index}`, agent_id: 'cards', summary: `no. ${index}` });
    }
    await listed(page).getByText('no. 53').waitFor();
    expect(await focused(page).innerText()).toContain('cards');
    expect(complaints).toEqual([]);
  });

  it('filters by agent, list and chart alike', async () => {
    const { url, sendAll } = await start();
    const { page, complaints } = await chromium.open(url, DESK);
    expect(await page.locator('#none').isVisible()).toBe(true);
    const sent = await sendAll();
    await listed(page)
      .nth(sent - 1)
      .waitFor();
    expect(await page.locator('#agent option').allInnerTexts()).toEqual([
      'All agents',
      'Loans',
      'Cards',
      'Renewals',
    ]);
    await page.locator('#agent').selectOption('Renewals');
    const agents = await listed(page).locator('.agent').allInnerTexts();
    expect(new Set(agents)).toEqual(new Set(['Renewals']));
    expect(await bars(page).count()).toBe(agents.length);
    expect(await page.locator('#count').innerText()).toBe(String(agents.length));
    await page.locator('#agent').selectOption('');
    expect(await listed(page).count()).toBe(sent);
    expect(complaints).toEqual([]);
  });

  it('shows a call that is tapped on a phone above all else, and gives the focus back', async () => {
    const { url, sendAll } = await start();
    const { page, complaints } = await chromium.open(url, PHONE);
    const sent = await sendAll();
    await listed(page)
      .nth(sent - 1)
      .waitFor();
    await screenshot(page, 'dashboard-phone');
    expect(await page.evaluate(isTooWide)).toBe(false);
    expect(await page.evaluate(SMALL)).toEqual([]);

    const opener = listed(page).nth(3);
    await opener.tap();
    const box = await detail(page).boundingBox();
    expect(box).toMatchObject({ x: 0, y: 0, width: 375, height: 740 });
    await screenshot(page, 'dashboard-phone-call');
    await page.locator('#close').tap();
    expect(await detail(page).isVisible()).toBe(false);
    expect(await focused(page).innerText()).toBe(await opener.innerText());

    const bar = bars(page).last();
    const { width } = (await bar.boundingBox())!;
    expect(width).toBeGreaterThanOrEqual(24);
    await bar.tap();
    expect(await detail(page).isVisible()).toBe(true);
    await page.keyboard.press('Escape');
    expect(await detail(page).isVisible()).toBe(false);
    expect(complaints).toEqual([]);
  });

  it.each(['light', 'dark'] as const)(
    'has nothing that axe complains of, %s',
    async colorScheme => {
      const { url, sendAll } = await start();
      const sent = await sendAll();
      for (const [name, device] of Object.entries({ phone: PHONE, desk: DESK })) {
        const { page, complaints } = await chromium.open(url, { ...device, colorScheme });
        expect(await axeComplaints(page)).toEqual([]);
        await listed(page)
          .nth(sent - 1)
          .waitFor();
        await bars(page).nth(1).hover();
        expect(await axeComplaints(page)).toEqual([]);
        await listed(page).nth(2).click();
        expect(await axeComplaints(page)).toEqual([]);
        await screenshot(page, `dashboard-${name}-${colorScheme}`);
        expect(complaints).toEqual([]);
      }
    },
  );
});
