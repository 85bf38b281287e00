/// <reference lib="dom" />
// for the functions below that run inside the page
import { expect } from 'chai';
import { dashboards } from './support/dashboards.js';
import { expectPainted } from './support/painted.js';
import { studyStatus } from './support/study-status.js';

describe('dashboard on a phone and by the keyboard', () => {
  const open = dashboards();

  it('fits a phone: nothing but the tables scrolls sideways', async () => {
    const { page, complaints } = await open(studyStatus(), {
      page: { viewport: { width: 360, height: 780 }, isMobile: true, colorScheme: 'dark' },
    });
    await expectPainted(page, '#loss-chart');
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).to.equal(360);
    expect(complaints).to.deep.equal([]);
  });

  it('reaches tables, measures and numbers with the keyboard alone', async () => {
    const { page } = await open(studyStatus());
    await page.waitForSelector('#traffic-chart details:not([hidden])');
    const reached = new Set<string>();
    for (let press = 0; press < 24; press += 1) {
      await page.keyboard.press('Tab');
      reached.add(
        await page.evaluate(() => {
          const { activeElement } = document;
          return activeElement?.id || activeElement?.closest('fieldset, figure')?.id || '';
        }),
      );
    }
    for (const stop of [
      'sites',
      'scores-measure',
      'scores-table',
      'measure',
      'precision-chart',
      'rounds',
      'loss-chart',
      'traffic-chart',
    ]) {
      expect([...reached], stop).to.include(stop);
    }
    const unnamed = await page.$$eval(
      'table',
      (tables) =>
        tables.filter((table) => !table.caption?.textContent || !table.querySelector('th[scope=col]')).length,
    );
    expect(unnamed).to.equal(0);
  });
});
