import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe } from 'vitest';
import { ask } from '../servers/ask.js';

const { path: executablePath } = await ask('find chromium');

export const describeWithChromium = describe.skipIf(!executablePath);

export interface OpenPage {
  readonly page: Page;
  /** What a visitor would not see: errors, warnings, dialogs, and what it asked of other hosts. */
  readonly complaints: string[];
}

/** One browser for the tests of a file, a page for each. */
export function useChromium(): {
  open: (url: string, options?: BrowserContextOptions) => Promise<OpenPage>;
} {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args: ['--disable-dev-shm-usage'] });
  });
  afterAll(() => browser?.close());
  return {
    open: async (url, options) => {
      const page = await browser.newPage({ viewport: { width: 1100, height: 900 }, ...options });
      page.setDefaultTimeout(20_000);
      const complaints = complaintsOf(page, new URL(url).host);
      await page.goto(url);
      return { page, complaints };
    },
  };
}

function complaintsOf(page: Page, host: string): string[] {
  const complaints: string[] = [];
  page.on('pageerror', error => complaints.push(error.message));
  page.on('console', message => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('dialog', dialog => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', request => {
    const { protocol, host: asked } = new URL(request.url());
    if (protocol.startsWith('http') && asked !== host) complaints.push(`asked ${asked}`);
  });
  return complaints;
}

/** Kept where TEST_SCREENSHOTS names a folder, for people to look at. */
export async function screenshot(page: Page, name: string): Promise<Buffer> {
  const folder = process.env.TEST_SCREENSHOTS;
  if (!folder) return page.screenshot();
  mkdirSync(folder, { recursive: true });
  return page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}
