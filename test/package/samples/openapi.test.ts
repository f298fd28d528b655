import { NestFactory } from '@nestjs/core';
import { callEnded, signDelivery } from 'nestjs-revrag-webhook/testing';
import { expect, it, vi } from 'vitest';
import { listen } from '../../support/app.js';
import { describeWithChromium, screenshot, useChromium } from '../../support/browser/page.js';
import { PATH, post } from '../../support/send.js';

describeWithChromium('sample/08-openapi', () => {
  const chromium = useChromium();

  it('shows the endpoint beside the routes of the app, which work', async () => {
    const secret = 'whsec_sample';
    vi.stubEnv('REVRAG_WEBHOOK_SECRET', secret);
    const { AppModule } = await import('../../../sample/08-openapi/src/app.module.js');
    const { serveDocument } = await import('../../../sample/08-openapi/src/serve-document.js');
    vi.unstubAllEnvs();
    const app = await NestFactory.create(AppModule, { logger: false });
    serveDocument(app);
    const { url } = await listen(app);

    await post(url + PATH, signDelivery({ secret, body: callEnded({ duration: 30 }) }));
    const totals = await fetch(`${url}/calls/totals`);
    expect(await totals.json()).toEqual({ calls: 1, seconds: 30 });

    const { page, complaints } = await chromium.open(`${url}/docs`);
    const endpoint = page.locator('.opblock', { hasText: PATH });
    await endpoint.locator('.opblock-summary').click();
    // Swagger UI opens the section first and fills it afterwards; the answers come last.
    await endpoint.locator('.parameters').first().waitFor();
    await endpoint.locator('.response[data-code="503"]').waitFor();
    const text = await endpoint.innerText();
    for (const header of ['X-Webhook-Event', 'X-Webhook-ID', 'X-Webhook-Signature']) {
      expect(text).toContain(header);
    }
    expect(text).toMatch(/signature_mismatch|Not authentic/);
    for (const status of ['200', '400', '401', '409', '413', '503']) {
      expect(await endpoint.locator(`.response[data-code="${status}"]`).count()).toBe(1);
    }
    expect(await page.locator('.opblock', { hasText: '/calls/totals' }).count()).toBe(1);
    await screenshot(page, 'openapi');
    expect(complaints).toEqual([]);
  });
});
