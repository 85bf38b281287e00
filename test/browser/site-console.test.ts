/// <reference lib="dom" />
// for the functions below that run inside the page
import { request } from 'node:http';
import { expect } from 'chai';
import pino from 'pino';
import type { Browser, Page } from 'playwright-core';
import { startConsole, type SiteConsole } from '@fedoxnet/site-agent/console/console';
import { setConsolePassword } from '@fedoxnet/site-agent/console/access/console-password';
import { TrainingBoard } from '@fedoxnet/site-agent/console/training-board';
import { readCatalogue } from '@fedoxnet/site-agent/data/catalogue-file';
import { skipBecause } from '../support/skip-because.js';
import { launchChromium, whyNoChromium } from './support/chromium.js';
import { CLASSES, SiteHome } from './support/site-home.js';
import { openWatchedPage, type WatchedPage } from './support/watched-page.js';

const PASSWORD = 'films stay where they are';

describe('site console in a browser', function () {
  let browser: Browser;
  let site: SiteHome;
  let console: SiteConsole;
  let watched: WatchedPage;
  let page: Page;
  const board = new TrainingBoard();

  before(async function () {
    const reason = whyNoChromium();
    if (reason !== null) skipBecause(this, reason);
    browser = await launchChromium();
    site = await SiteHome.make();
    await site.addRelease();
  });
  after(async () => {
    await (browser as Browser | undefined)?.close();
    await (site as SiteHome | undefined)?.remove();
  });

  beforeEach(async () => {
    const log = pino({ level: 'silent' });
    console = await startConsole({ home: site.home, data: site.data, port: 0, log, board });
    watched = await openWatchedPage(browser, console.url);
    ({ page } = watched);
  });
  afterEach(async () => {
    await (watched as WatchedPage | undefined)?.context.close();
    await (console as SiteConsole | undefined)?.close();
  });

  async function open(): Promise<void> {
    await page.goto(console.entryLink ?? console.url);
    await page.waitForSelector('#film[data-state=shown]');
  }

  async function openTab(name: string): Promise<void> {
    await open();
    await page.click(`nav a[href="#${name}"]`);
  }

  /** Mean grey of the film's middle as it stands on the screen. */
  function grey(): Promise<number> {
    return page.$eval('#film', (element) => {
      const canvas = element as HTMLCanvasElement;
      const [x, y] = [Math.round(canvas.width * 0.4), Math.round(canvas.height * 0.4)];
      const { data } = canvas.getContext('2d')!.getImageData(x, y, 60, 60);
      let sum = 0;
      for (let at = 0; at < data.length; at += 4) sum += data[at]!;
      return sum / (data.length / 4);
    });
  }

  /** The value of a film's middle changes only by what was done, one frame later. */
  async function settled(): Promise<void> {
    await page.evaluate(
      () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
    );
  }

  async function drag(dx: number, dy: number, key?: string): Promise<void> {
    const box = (await page.locator('#film').boundingBox())!;
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    if (key !== undefined) await page.keyboard.down(key);
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + dx, y + dy, { steps: 4 });
    await page.mouse.up();
    if (key !== undefined) await page.keyboard.up(key);
    await settled();
  }

  it('opens by the printed link once, keeps the session over a reload, and ends it', async () => {
    await open();
    expect(page.url(), 'the secret has left the address').to.equal(console.url);
    const [cookie] = await watched.context.cookies();
    expect(cookie).to.include({ httpOnly: true, sameSite: 'Strict' });
    await page.reload();
    await page.waitForSelector('#film[data-state=shown]');
    const other = await openWatchedPage(browser, console.url);
    await other.page.goto(console.entryLink!);
    await other.page.getByText('The link was used').waitFor();
    await other.context.close();
    await page.click('#sign-out');
    await page.waitForSelector('#login:not([hidden])');
    await page.reload();
    await page.waitForSelector('#login:not([hidden])');
    expect(watched.complaints).to.deep.equal([]);
  });

  it('refuses a wrong password with the reason, takes the right one, and prints no link then', async () => {
    const home = await SiteHome.make();
    await setConsolePassword(home.home, PASSWORD);
    const log = pino({ level: 'silent' });
    const guarded = await startConsole({ home: home.home, data: home.data, port: 0, log, board: null });
    try {
      expect(guarded.entryLink).to.equal(null);
      await page.goto(guarded.url);
      await page.locator('#password').fill('films go everywhere');
      await page.keyboard.press('Enter');
      await page.getByText('That is not the password of this console.').waitFor();
      await page.locator('#password').fill(PASSWORD);
      await page.keyboard.press('Enter');
      await page.waitForSelector('#film[data-state=shown]');
    } finally {
      await guarded.close();
      await home.remove();
    }
  });

  it('changes the film by dragging as a window does: wider to the right, darker downwards', async () => {
    await open();
    const before = await grey();
    const readout = () => page.innerText('#readout');
    const first = await readout();
    await drag(0, 120);
    expect(await grey(), 'darker').to.be.lessThan(before - 20);
    await page.keyboard.press('r');
    await settled();
    expect(await grey()).to.be.closeTo(before, 0.01);
    expect(await readout()).to.equal(first);
    const widthOf = async () => Number(/^W (\d+)/.exec(await readout())?.[1]);
    const width = await widthOf();
    await drag(150, 0); // 150 of 300 pixels: half as wide again
    expect(await widthOf()).to.be.closeTo(width * 1.5, 1);
    await page.keyboard.press('r');
    await page.keyboard.press('i');
    await settled();
    expect(await grey(), 'inverted').to.be.closeTo(255 - before, 1.5);
    expect(await page.getAttribute('#invert', 'aria-pressed')).to.equal('true');
  });

  it('zooms by the wheel about the pointer, and moves with Shift', async () => {
    await open();
    const zoom = async () => Number(/(\d+) %/.exec(await page.innerText('#readout'))?.[1]);
    const whole = await zoom();
    const box = (await page.locator('#film').boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.wheel(0, -400);
    await settled();
    expect(await zoom()).to.be.closeTo(whole * Math.exp(0.6), whole * 0.02); // 400 · 0.0015
    const before = await grey();
    await drag(170, 60, 'Shift');
    expect(await grey(), 'another part of the film').to.not.be.closeTo(before, 0.5);
    expect(await page.innerText('#readout')).to.contain(`${await zoom()} %`);
    await page.locator('#film').dblclick();
    await settled();
    expect(await zoom()).to.equal(whole);
  });

  it('goes from film to film with the keyboard and shows and hides the boxes of each layer', async () => {
    await open();
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
    expect(watched.complaints).to.deep.equal([]);
  });

  it('asks the downloaded release about the film, and says plainly that there is no teacher', async () => {
    await open();
    await page.waitForFunction(
      () => document.getElementById('layer-model-note')?.textContent?.startsWith('release 3 of chest-1'),
      null,
      { timeout: 60_000 },
    );
    expect(await page.innerText('#layer-teacher-note')).to.contain('There is no teacher yet');
    expect(await page.innerText('#film-list li[aria-current] .best')).to.match(/^0\.\d\d$/);
  });

  it('releases a film from quarantine after asking, and then shows it among the films', async () => {
    await openTab('quarantine');
    await page.waitForSelector('#quarantine-list li');
    expect(await page.innerText('#quarantine-list li[data-film=broken-1]')).to.contain('Cannot be decoded');
    expect(
      await page.locator('#quarantine-list li[data-film=broken-1] button').allInnerTexts(),
    ).to.not.include('Release into the films');
    await page.getByRole('button', { name: 'Release into the films' }).click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    expect((await readCatalogue(site.data)).films).to.have.length(11);
    await page.getByRole('button', { name: 'Release into the films' }).click();
    await page.locator('#ask-yes').click();
    await page.getByText('1 film is set aside.').waitFor();
    const { films } = await readCatalogue(site.data);
    expect(films.at(-1)?.id).to.equal('phantom-00001');
    await page.click('nav a[href="#films"]');
    await page.waitForSelector('#film-list li[data-film=phantom-00001]');
    expect(watched.complaints).to.deep.equal([]);
  });

  it('shows every count of the census', async () => {
    await openTab('census');
    await page.waitForSelector('#census-classes tbody tr');
    const names = await page.locator('#census-classes tbody th').allInnerTexts();
    expect(names).to.deep.equal(CLASSES);
    const { films } = await readCatalogue(site.data);
    const train = films.filter(({ split }) => split === 'train').length;
    expect(await page.innerText('#census-films')).to.contain(`${train} training films, 3 held out`);
  });

  it('follows the agent live: round, step, loss by term, films per second', async () => {
    const at = { study: 'chest-1', round: 2, attempt: 1 };
    board.apply({ event: 'started', site: 'north', coordinator: 'https://c.example', home: site.home });
    board.apply({ event: 'connected', site: 'north', coordinator: 'https://c.example' });
    board.apply({ event: 'round', ...at, release: 1 });
    const progress = (step: number) =>
      board.apply({
        ...{ event: 'progress', ...at, phase: 'train', step, steps: 40 },
        ...{
          losses: { focal: 1 / step, image: 0.5 },
          filmsPerSecond: 7.25,
          bytesSent: 1234,
          bytesReceived: 0,
        },
      });
    for (const step of [1, 2, 4]) progress(step);
    await openTab('training');
    await page.getByText('4 / 40').waitFor();
    expect(await page.innerText('#training-figures'))
      .to.contain('7.3')
      .and.contain('Training');
    const label = () => page.getAttribute('#loss-chart', 'aria-label');
    await page.waitForSelector('#loss-chart canvas');
    expect(await label()).to.equal('Loss by term at step 4: Lesion classes 0.250, Image labels 0.500');
    progress(5);
    await page.getByText('5 / 40').waitFor();
    board.apply({ event: 'closed', ...at, counted: ['north'] });
    await page.locator('#round-table').getByText('Counted').waitFor();
    expect(watched.complaints).to.deep.equal([]);
  });

  it('gives nothing to other names, other pages, and whoever has the cookie alone', async () => {
    await open();
    const [cookie] = await watched.context.cookies();
    const key = (await page.evaluate(() => localStorage.getItem('fedoxnet.console-key')))!;
    const session = { cookie: `${cookie!.name}=${cookie!.value}`, 'x-console-key': key };
    const { host } = new URL(console.url);
    const status = (headers: Record<string, string>, path = '/v1/films/phantom-00002/pixels') =>
      new Promise<number>((resolve, reject) => {
        const asked = request(new URL(path, console.url), { headers }, (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        });
        asked.once('error', reject);
        asked.end();
      });
    expect(await status({ host, ...session })).to.equal(200);
    expect(await status({ ...session, host: 'hospital.example' }), 'DNS rebinding').to.equal(403);
    expect(await status({ host: 'hospital.example' }, '/'), 'not even the page').to.equal(403);
    expect(await status({ host, cookie: session.cookie }), 'cookie alone').to.equal(401);
    expect(await status({ host, 'x-console-key': key }), 'key alone').to.equal(401);
    expect(await status({ host }), 'neither').to.equal(401);
    expect(await status({ host, ...session, 'sec-fetch-site': 'same-site' }), 'another port').to.equal(403);
    expect(await status({ host, ...session, origin: 'http://evil.example' }), 'another origin').to.equal(403);
  });

  it('sends no film into a cache, allows no frame, and answers no other origin', async () => {
    const reply = await fetch(`${console.url}v1/films`);
    expect(reply.status).to.equal(401);
    expect(reply.headers.get('cache-control')).to.equal('no-store');
    expect(reply.headers.get('access-control-allow-origin')).to.equal(null);
    const { headers } = await fetch(console.url);
    expect(headers.get('content-security-policy')).to.contain("frame-ancestors 'none'");
    expect(headers.get('x-content-type-options')).to.equal('nosniff');
  });
});
