/// <reference lib="dom" />
// for the functions below that run inside the page
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { readCatalogue } from '@fedoxnet/site-agent/data/catalogue-file';
import { nextFrame } from './support/next-frame.js';
import { siteConsoles } from './support/site-consoles.js';
import { watchedPages } from './support/watched-pages.js';

/** Mean grey of the film's middle as it stands on the screen. */
function grey(page: Page): Promise<number> {
  return page.$eval('#film', (element) => {
    const canvas = element as HTMLCanvasElement;
    const [x, y] = [Math.round(canvas.width * 0.4), Math.round(canvas.height * 0.4)];
    const { data } = canvas.getContext('2d')!.getImageData(x, y, 60, 60);
    let sum = 0;
    for (let at = 0; at < data.length; at += 4) sum += data[at]!;
    return sum / (data.length / 4);
  });
}

async function drag(page: Page, dx: number, dy: number, key?: string): Promise<void> {
  const box = (await page.locator('#film').boundingBox())!;
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  if (key !== undefined) await page.keyboard.down(key);
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + dx, y + dy, { steps: 4 });
  await page.mouse.up();
  if (key !== undefined) await page.keyboard.up(key);
  await nextFrame(page);
}

describe('films in the site console', () => {
  const open = siteConsoles(watchedPages());

  it('changes the film by dragging as a window does: wider to the right, darker downwards', async () => {
    const { page } = await open();
    const before = await grey(page);
    const readout = () => page.innerText('#readout');
    const first = await readout();
    await drag(page, 0, 120);
    expect(await grey(page), 'darker').to.be.lessThan(before - 20);
    await page.keyboard.press('r');
    await nextFrame(page);
    expect(await grey(page)).to.be.closeTo(before, 0.01);
    expect(await readout()).to.equal(first);
    const widthOf = async () => Number(/^W (\d+)/.exec(await readout())?.[1]);
    const width = await widthOf();
    await drag(page, 150, 0); // 150 of 300 pixels: half as wide again
    expect(await widthOf()).to.be.closeTo(width * 1.5, 1);
    await page.keyboard.press('r');
    await page.keyboard.press('i');
    await nextFrame(page);
    expect(await grey(page), 'inverted').to.be.closeTo(255 - before, 1.5);
    expect(await page.getAttribute('#invert', 'aria-pressed')).to.equal('true');
  });

  it('zooms by the wheel about the pointer, and moves with Shift', async () => {
    const { page } = await open();
    const zoom = async () => Number(/(\d+) %/.exec(await page.innerText('#readout'))?.[1]);
    const whole = await zoom();
    const box = (await page.locator('#film').boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.wheel(0, -400);
    await nextFrame(page);
    expect(await zoom()).to.be.closeTo(whole * Math.exp(0.6), whole * 0.02); // 400 · 0.0015
    const before = await grey(page);
    await drag(page, 170, 60, 'Shift');
    expect(await grey(page), 'another part of the film').to.not.be.closeTo(before, 0.5);
    expect(await page.innerText('#readout')).to.contain(`${await zoom()} %`);
    await page.locator('#film').dblclick();
    await nextFrame(page);
    expect(await zoom()).to.equal(whole);
  });

  it('goes from film to film with the keyboard and shows and hides the boxes of each layer', async () => {
    const { page, site, complaints } = await open();
    await page.selectOption('#filter-supervision', 'box');
    const { films } = await readCatalogue(site.data);
    const boxed = films.filter(({ readings }) =>
      Object.values(readings).some((r) => r.supervision === 'box'),
    );
    const ids = boxed.map(({ id }) => id);
    await page.waitForFunction((wanted) => {
      const rows = [...document.querySelectorAll<HTMLElement>('#film-list li')];
      return rows.map((row) => row.dataset['film']).join() === wanted;
    }, ids.join());
    const at = boxed.findIndex(({ boxes }) => boxes.length > 0);
    await page.click(`#film-list li:nth-child(${at + 1}) button`);
    const shown = (id: string) =>
      page.waitForFunction(
        (wanted) => document.getElementById('film')?.getAttribute('aria-label') === `Film ${wanted}`,
        id,
      );
    await shown(boxed[at]!.id);
    const readerBoxes = (count: number) =>
      page.waitForFunction((wanted) => {
        const boxes = [...document.querySelectorAll('#box-list .who')];
        return boxes.filter((who) => who.textContent?.includes('reader')).length === wanted;
      }, count);
    await readerBoxes(boxed[at]!.boxes.length);
    await page.keyboard.press('1');
    await readerBoxes(0);
    await page.keyboard.press('b');
    await page.keyboard.press('b');
    await readerBoxes(boxed[at]!.boxes.length);
    await page.keyboard.press('ArrowRight');
    await shown(boxed[at + 1]!.id);
    await page.keyboard.press('ArrowLeft');
    await shown(boxed[at]!.id);
    expect(complaints).to.deep.equal([]);
  });

  it('asks the downloaded release about the film, and says plainly that there is no teacher', async () => {
    const { page } = await open();
    await page.waitForFunction(
      () => document.getElementById('layer-model-note')?.textContent?.startsWith('release 3 of chest-1'),
      null,
      { timeout: 60_000 },
    );
    expect(await page.innerText('#layer-teacher-note')).to.contain('There is no teacher yet');
    expect(await page.innerText('#film-list li[aria-current] .best')).to.match(/^0\.\d\d$/);
  });
});
