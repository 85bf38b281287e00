/// <reference lib="dom" />
// for the functions below that run inside the page
import { expect } from 'chai';
import type { CDPSession, Page } from 'playwright-core';
import type { SiteConsole } from '@fedoxnet/site-agent/console/console';
import { nextFrame } from './support/next-frame.js';
import { startQuietConsole } from './support/quiet-console.js';
import { SiteHome } from './support/site-home.js';
import { watchedPages, type WatchedPage } from './support/watched-pages.js';

const TELEPHONE = {
  viewport: { width: 390, height: 844 },
  ...{ hasTouch: true, isMobile: true, deviceScaleFactor: 2 },
};
const PARTS = ['films', 'quarantine', 'census', 'plans', 'ledger', 'training'];

type Finger = readonly [x: number, y: number];

describe('site console under fingers, on a telephone', () => {
  const openPage = watchedPages('for all tests');
  let site: SiteHome;
  let console: SiteConsole;
  let watched: WatchedPage;
  let page: Page;
  let fingers: CDPSession;

  before(async () => {
    site = await SiteHome.make();
    console = await startQuietConsole(site);
    watched = await openPage(console.url, TELEPHONE);
    ({ page } = watched);
    fingers = await watched.context.newCDPSession(page);
    await page.goto(console.entryLink ?? console.url);
    await page.waitForSelector('#film[data-state=shown]');
  });
  after(async () => {
    await (console as SiteConsole | undefined)?.close();
    await (site as SiteHome | undefined)?.remove();
  });
  beforeEach(async () => {
    await page.evaluate(() => (location.hash = 'films'));
    await page.click('#reset');
  });

  /** Fingers on the film, from place to place relative to its middle. */
  async function move(...places: (readonly Finger[])[]): Promise<void> {
    const box = (await page.locator('#film').boundingBox())!;
    const [middleX, middleY] = [box.x + box.width / 2, box.y + box.height / 2];
    const points = (at: readonly Finger[]) =>
      at.map(([x, y], id) => ({ id, x: Math.round(middleX + x), y: Math.round(middleY + y) }));
    for (const [index, place] of places.entries()) {
      const type = index === 0 ? 'touchStart' : 'touchMove';
      await fingers.send('Input.dispatchTouchEvent', { type, touchPoints: points(place) });
    }
    await fingers.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    await nextFrame(page);
  }

  async function readout(): Promise<{ width: number; centre: number; zoom: number }> {
    const text = await page.innerText('#readout');
    const [, width, centre, zoom] = /W (\d+)\s+C (-?\d+)\s+(\d+) %/.exec(text) ?? [];
    return { width: Number(width), centre: Number(centre), zoom: Number(zoom) };
  }

  /** Grey of the screen at a place relative to the film's middle. */
  function greyAt(x: number, y: number): Promise<number> {
    return page.$eval(
      '#film',
      (element, [dx, dy]) => {
        const canvas = element as HTMLCanvasElement;
        const ratio = canvas.width / canvas.clientWidth;
        const [left, top] = [canvas.width / 2 + dx! * ratio, canvas.height / 2 + dy! * ratio];
        const { data } = canvas.getContext('2d')!.getImageData(left - 4, top - 4, 9, 9);
        let sum = 0;
        for (let at = 0; at < data.length; at += 4) sum += data[at]!;
        return sum / (data.length / 4);
      },
      [x, y] as const,
    );
  }

  it('two fingers make the film larger and smaller, and what lies between them stays', async () => {
    const first = await readout();
    const under = await greyAt(40, -60);
    const around = (half: number): Finger[] => [
      [40, -60 - half],
      [40, -60 + half],
    ];
    await move(around(40), around(60), around(80));
    const larger = await readout();
    expect(larger.zoom).to.be.closeTo(2 * first.zoom, 2); // 40 to 80 pixels from the middle of the two
    expect(await greyAt(40, -60)).to.be.closeTo(under, 25); // the same spot of the film, at twice the size
    expect([larger.width, larger.centre], 'the window').to.deep.equal([first.width, first.centre]);
    await move(around(80), around(60), around(40));
    expect((await readout()).zoom).to.be.closeTo(first.zoom, 2);
  });

  it('two fingers side by side move it', async () => {
    const pair = (x: number, y: number): Finger[] => [
      [x - 30, y],
      [x + 30, y],
    ];
    const before = await greyAt(30, 0);
    await move(pair(0, 0), pair(40, 25), pair(80, 50));
    expect(await greyAt(110, 50)).to.be.closeTo(before, 6);
    expect((await readout()).zoom).to.be.closeTo(await zoomOfWhole(), 1);
  });

  it('one finger sets the window, and two taps show the whole film again', async () => {
    const first = await readout();
    await move([[0, 0]], [[0, 60]], [[0, 120]]);
    const darker = await readout();
    expect(darker.centre).to.be.closeTo(first.centre + 0.4 * first.width, 2); // 120 of 300 pixels
    expect(darker.zoom).to.equal(first.zoom);
    await move([[-40, 0], [40, 0]], [[-120, 0], [120, 0]]); // prettier-ignore
    expect((await readout()).zoom).to.be.above(2 * first.zoom);
    await move([[10, 10]]);
    await move([[12, 11]]);
    expect((await readout()).zoom).to.equal(first.zoom);
  });

  it('has every part within the width of the screen, and everything to touch large enough', async () => {
    for (const part of PARTS) {
      await page.evaluate((name) => (location.hash = name), part);
      await page.waitForSelector(`#${part}:not([hidden])`);
      const { beyond, small, film } = await page.evaluate(() => {
        const shown = [...document.querySelectorAll<HTMLElement>('button, select, nav a')].filter(
          (element) => element.offsetParent !== null,
        );
        return {
          beyond: document.documentElement.scrollWidth - innerWidth,
          small: shown.filter((element) => element.getBoundingClientRect().height < 40).map(({ id }) => id),
          film: document.querySelector('#film')!.getBoundingClientRect(),
        };
      });
      expect(beyond, part).to.equal(0);
      expect(small, part).to.deep.equal([]);
      if (part !== 'films') continue;
      expect(film.width).to.equal(TELEPHONE.viewport.width);
      expect(film.bottom, 'the film needs no scrolling').to.be.at.most(TELEPHONE.viewport.height);
      expect(film.height).to.be.at.least(400);
    }
    // This test itself reads the canvas back.
    const complaints = watched.complaints.filter((text) => !text.startsWith('Canvas2D: Multiple readback'));
    expect(complaints).to.deep.equal([]);
  });

  async function zoomOfWhole(): Promise<number> {
    await page.click('#reset');
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(done)));
    return (await readout()).zoom;
  }
});
