// The page in a real browser: it loads nothing, complains about nothing, and can be used.

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderHtml } from '../../src/reporters/html.ts';
import { hostileStrings, poison } from './hostile.ts';
import { failedState, objects } from './state.ts';
import { say } from './xmllint.ts';

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-headless-shell'].find(existsSync);
if (executablePath === undefined)
  say('SKIPPED: no chromium, the report was not opened in a browser.');

const quiet = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

let browser: Browser;
let folder = '';

beforeAll(async () => {
  if (executablePath === undefined) return;
  folder = mkdtempSync(join(tmpdir(), 'seatrial-page-'));
  browser = await chromium.launch({ executablePath, args: quiet });
}, 60_000);

afterAll(async () => {
  if (executablePath === undefined) return;
  await browser.close();
  rmSync(folder, { recursive: true });
});

type Visit = { readonly page: Page; readonly troubles: readonly string[] };

/** Opens the text as a file and notes whatever a quiet page would not do. */
async function visit(text: string, options: { readonly script: boolean }): Promise<Visit> {
  const url = pathToFileURL(join(folder, 'report.html')).href;
  writeFileSync(join(folder, 'report.html'), text);
  const page = await browser.newPage({ javaScriptEnabled: options.script });
  const troubles: string[] = [];
  page.on('console', (message) => troubles.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => troubles.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => {
    troubles.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (request.url() !== url) troubles.push(`request: ${request.url()}`);
  });
  await page.goto(url);
  return { page, troubles };
}

const report = renderHtml(failedState, { objects });

describe.skipIf(executablePath === undefined)('in a browser', { timeout: 60_000 }, () => {
  test('loads nothing and complains about nothing', async () => {
    const { page, troubles } = await visit(report, { script: true });
    await page.mouse.move(200, 200);
    expect(troubles).toEqual([]);
    expect(await page.title()).toContain('failed: notes');
    expect(await page.locator('main, nav, header, footer').count()).toBe(4);
    await page.close();
  });

  test('canary: requests, dialogs and blocked scripts are seen', async () => {
    const bad = report
      .replace(/<meta\s+http-equiv[^>]*>/u, '')
      .replace('</main>', '<img src="http://127.0.0.1:9/x"><script>alert(1)</script></main>');
    const open = await visit(bad, { script: true });
    expect(open.troubles.join()).toMatch(/request: http:.*dialog: 1|dialog: 1.*request: http:/u);
    const blocked = await visit(report.replace('</main>', '<script>1</script></main>'), {
      script: true,
    });
    expect(blocked.troubles.join()).toMatch(/console: .*Content Security Policy/u);
    await Promise.all([open.page.close(), blocked.page.close()]);
  });
});

describe.skipIf(executablePath === undefined)('in use', { timeout: 60_000 }, () => {
  test('evidence opens in place, by mouse and by keyboard', async () => {
    const { page } = await visit(report, { script: true });
    const check = page.locator('.check', { hasText: 'floor.upgrade.serving' });
    const text = check.locator('pre');
    expect(await text.isVisible()).toBe(false);
    await check.locator('summary').first().click();
    await check.locator('.evidence summary').focus();
    await page.keyboard.press('Enter');
    expect(await text.textContent()).toBe(
      'HTTP/1.1 200 OK\ncontent-type: text/html\n\n<h1>Notes</h1>',
    );
    expect(await page.locator('.check.v-failed pre').first().isVisible()).toBe(true);
    await page.close();
  });

  test('the first stop of the keyboard skips to the verdict', async () => {
    const { page } = await visit(report, { script: true });
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').textContent()).toBe('Skip to the verdict');
    await page.close();
  });

  test.each([true, false])('filters choose by verdict, script: %s', async (script) => {
    const { page } = await visit(report, { script });
    const visible = () => page.locator('.check:visible').count();
    expect(await visible()).toBe(13);
    await page.locator('#filter-failed').check();
    expect(await visible()).toBe(1);
    expect(await page.locator('.group:visible').count()).toBe(1);
    await page.locator('#filter-all').check();
    expect(await visible()).toBe(13);
    expect(await page.locator('#tools').isVisible()).toBe(script);
    await page.close();
  });

  test('search narrows and says how far', async () => {
    const { page, troubles } = await visit(report, { script: true });
    await page.locator('#search').fill('upgrade serving');
    expect(await page.locator('.check:visible').count()).toBe(1);
    expect(await page.locator('#shown').textContent()).toBe('1 of 13 shown');
    await page.locator('#search').fill('no such check');
    expect(await page.locator('#no-match').isVisible()).toBe(true);
    await page.locator('#search').fill('');
    await page.locator('#close-all').click();
    expect(await page.locator('.check[open]').count()).toBe(0);
    await page.locator('#open-all').click();
    expect(await page.locator('.check[open]').count()).toBe(13);
    expect(troubles).toEqual([]);
    await page.close();
  });
});

describe.skipIf(executablePath === undefined)('under strain', { timeout: 60_000 }, () => {
  test('all hostile strings together are text', async () => {
    const { state, objects: hostile } = poison(Object.values(hostileStrings).join(' '));
    const { page, troubles } = await visit(renderHtml(state, { objects: hostile }), {
      script: true,
    });
    const width = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
    expect(await page.locator('script').count()).toBe(1);
    expect(await page.locator('img, iframe, form, object, link, a:not([href^="#"])').count()).toBe(
      0,
    );
    expect(await page.evaluate('window.pwned')).toBeUndefined();
    expect(width).toBeLessThanOrEqual(0);
    expect(troubles).toEqual([]);
    await page.close();
  });

  test.each([320, 768])('nothing overflows %d pixels', async (width) => {
    const { page } = await visit(report, { script: true });
    await page.setViewportSize({ width, height: 800 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    await page.close();
  });
});
