/// <reference lib="dom" />
// for the functions below that run inside the page
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { dashboards } from './support/dashboards.js';
import { SITES, studyStatus } from './support/study-status.js';
import { tableCells } from './support/table-cells.js';

/** Contrast of text and ground after WCAG 2.2, of each element. */
function contrasts(page: Page, selector: string): Promise<number[]> {
  return page.$$eval(selector, (elements) => {
    const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    if (context === null) throw new Error('no canvas');
    // Painted over white, as any colour syntax the browser knows.
    const luminance = (...colours: string[]): number => {
      for (const colour of colours) {
        context.fillStyle = colour;
        context.fillRect(0, 0, 1, 1);
      }
      const [r = 0, g = 0, b = 0] = [...context.getImageData(0, 0, 1, 1).data].map((value) => {
        const part = value / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    return elements.map((element) => {
      const card = getComputedStyle(element.closest('.card') as HTMLElement).backgroundColor;
      const { color, backgroundColor } = getComputedStyle(element);
      const [a, b] = [luminance(card, backgroundColor, color), luminance(card, backgroundColor)];
      return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    });
  });
}

describe('scores on the dashboard', () => {
  const open = dashboards();

  it('shows the latest scores by class and site, one figure at a time', async () => {
    const { page, complaints } = await open(studyStatus());
    const heads = await page.$$eval('#scores-table thead th', (all) => all.map((head) => head.textContent));
    expect(heads).to.deep.equal(['Class', ...SITES, 'All sites']);
    const table = await tableCells(page, '#scores-table');
    expect(table.map(([name]) => name)).to.deep.equal([...studyStatus().classes, 'Mean']);
    // 0.74 · 1.2 at north; south's last class is withheld; west holds out no films and east sent no report.
    expect(table[1]?.slice(1)).to.deep.equal([
      '0.888\n110 boxes',
      '0.592\n30 boxes',
      '–\nno boxes',
      '–\nno report',
      '0.740\n140 boxes',
    ]);
    expect(table[4]?.[2]).to.equal('<\nwithheld');
    expect(table[5]?.at(-1)).to.equal('0.538');
    expect(await page.innerText('#scores-legend'))
      .to.contain('Release 3')
      .and.contain('fewer than 5');

    // A higher figure lies on a stronger ground, and every figure is readable on its own.
    const grounds = await page.$$eval('#scores-table .heat[data-heat]', (all) =>
      all.map((span) => [Number(span.dataset['heat']), getComputedStyle(span).backgroundColor] as const),
    );
    expect(new Set(grounds.map(([, colour]) => colour)).size).to.equal(
      new Set(grounds.map(([level]) => level)).size,
    );
    for (const contrast of await contrasts(page, '#scores-table .heat')) expect(contrast).to.be.at.least(4.5);

    await page.getByLabel('AUC, global head').check();
    expect((await tableCells(page, '#scores-table'))[1]?.[1]).to.equal('0.704\n110 of 310 films');
    expect(complaints).to.deep.equal([]);
  });

  it('keeps the scores readable in the dark', async () => {
    const { page } = await open(studyStatus(), { page: { colorScheme: 'dark' } });
    for (const contrast of await contrasts(page, '#scores-table .heat')) expect(contrast).to.be.at.least(4.5);
  });
});
