/// <reference lib="dom" />
// for the functions below that run inside the page
import { expect } from 'chai';
import type { Page } from 'playwright-core';

/** Fails unless the canvas of a figure, once it is there, is painted on more than a hundredth of its area. */
export async function expectPainted(page: Page, figure: string): Promise<void> {
  await page.waitForFunction((selector) => {
    const canvas = document.querySelector<HTMLCanvasElement>(`${selector} canvas`);
    return canvas !== null && canvas.height > 0;
  }, figure);
  expect(await painted(page, figure), figure).to.be.greaterThan(0.01);
}

/** Share of a canvas that is painted. */
function painted(page: Page, figure: string): Promise<number> {
  return page.$eval(`${figure} canvas`, (canvas) => {
    const { width, height } = canvas as HTMLCanvasElement;
    const pixels = (canvas as HTMLCanvasElement).getContext('2d')?.getImageData(0, 0, width, height).data;
    let opaque = 0;
    for (let at = 3; at < (pixels?.length ?? 0); at += 4) if ((pixels?.[at] ?? 0) > 0) opaque += 1;
    return opaque / (width * height);
  });
}
