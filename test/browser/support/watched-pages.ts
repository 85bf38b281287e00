import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { skipBecause } from '../../support/skip-because.js';
import { launchChromium, whyNoChromium } from './chromium.js';

export interface WatchedPage {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What no page of ours may cause: errors, warnings, refused resources, and requests to any other host. */
  readonly complaints: readonly string[];
}

/** Opens a page in a context of its own; `url` is the only host it may ask. */
export type OpenPage = (url: string, options?: BrowserContextOptions) => Promise<WatchedPage>;

/**
 * Chromium for the tests of the enclosing `describe`, which are skipped where there is none. It is there before the hooks
 * that the `describe` defines after this call, and what it opened is closed before theirs close what the pages ask.
 * @param kept until when a page stays open
 */
export function watchedPages(kept: 'for one test' | 'for all tests' = 'for one test'): OpenPage {
  let browser: Browser | undefined;
  before(async function () {
    const reason = whyNoChromium();
    if (reason !== null) skipBecause(this, reason);
    browser = await launchChromium();
  });
  if (kept === 'for one test')
    afterEach(async () => {
      for (const context of browser?.contexts() ?? []) await context.close();
    });
  after(() => browser?.close());
  return (url, options) => {
    if (browser === undefined) throw new Error('pages are opened in hooks and tests');
    return openWatchedPage(browser, url, options);
  };
}

async function openWatchedPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width: 1366, height: 800 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    const { host, protocol } = new URL(request.url());
    if (protocol !== 'data:' && host !== new URL(url).host) complaints.push(`asked ${request.url()}`);
  });
  return { context, page, complaints };
}
