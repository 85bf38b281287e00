/// <reference lib="dom" />
// for the function below that runs inside the page
import type { Page } from 'playwright-core';

/** Until what was done is painted: a canvas changes only by what was done, one frame later. */
export async function nextFrame(page: Page): Promise<void> {
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}
