/// <reference lib="dom" />
// for the functions below that run inside the page
import { expect } from 'chai';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { StudyStatus } from '@fedoxnet/shared/protocol/status';
import { skipBecause } from '../support/skip-because.js';
import { launchChromium, whyNoChromium } from './support/chromium.js';
import { DashboardServer } from './support/dashboard-server.js';
import { SITES, studyStatus } from './support/study-status.js';
import { openWatchedPage, type WatchedPage } from './support/watched-page.js';

/** The text of each cell of a table's body, row by row. */
function cells(page: Page, table: string): Promise<string[][]> {
  return page.$$eval(`${table} tbody tr`, (rows) =>
    rows.map((row) => [...row.children].map((cell) => (cell as HTMLElement).innerText.trim())),
  );
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

describe('dashboard in a browser', function () {
  let browser: Browser;
  let watched: WatchedPage;
  let page: Page;
  let server: DashboardServer;
  let url: string;

  before(async function () {
    const reason = whyNoChromium();
    if (reason !== null) skipBecause(this, reason);
    browser = await launchChromium();
  });

  after(async () => {
    await (browser as Browser | undefined)?.close();
  });

  async function openServer(sockets: 'open' | 'closed' = 'open'): Promise<void> {
    server = new DashboardServer(sockets);
    url = await server.listen();
  }

  async function openPage(options: BrowserContextOptions = {}): Promise<void> {
    watched = await openWatchedPage(browser, url, options);
    ({ page } = watched);
  }

  /** Signs in and waits until the study is shown. */
  async function openStudy(status: StudyStatus, options: BrowserContextOptions = {}) {
    await openServer();
    server.publish(status);
    await openPage(options);
    await page.goto(`${url}#token=${server.token}`);
    await page.waitForSelector('#sites tbody tr');
  }

  afterEach(async () => {
    await (watched as WatchedPage | undefined)?.context.close();
    await (server as DashboardServer | undefined)?.close();
  });

  it('shows the numbers of the status in their cells', async () => {
    await openStudy(studyStatus());
    expect(await page.innerText('#study-title')).to.equal('Chest lesions, four hospitals');
    expect(await page.innerText('#study-state')).to.equal('Running');
    expect(await page.innerText('#study-round')).to.equal('Round 4 of 6');
    expect(await page.innerText('#study-plan')).to.equal('c0ffee123456');
    expect(await page.innerText('[aria-current=step]')).to.contain('Training');

    const heads = await page.$$eval('#sites thead th', (all) => all.map((head) => head.textContent));
    const sites = await cells(page, '#sites');
    const cell = (site: number, head: string) => sites[site]?.[heads.indexOf(head)];
    expect(sites.map((row) => row[0])).to.deep.equal([...SITES]);
    expect(cell(0, 'Supervision')).to.equal('Boxes 1,240');
    expect(cell(0, 'Steps')).to.equal('64 / 120');
    expect(cell(2, 'Supervision')).to.equal('Image labels 5,210');
    expect(cell(2, 'Films/s')).to.equal('9.5');
    expect(cell(3, 'Phase')).to.equal('Receiving the model');
    expect(cell(3, 'Sent')).to.equal('6.42 MB');

    const rounds = await cells(page, '#rounds');
    expect(rounds.map((row) => row[0])).to.deep.equal(['4', '3', '2', '1']);
    expect(rounds[2]).to.include('3 of 4\neast (missing): No update arrived before the deadline.');
    expect(rounds[1]).to.include('0.538').and.include('3ad5e1f0c3b7').and.include('4.31 MB');
    expect(watched.complaints).to.deep.equal([]);
  });

  it('draws every chart, with a text alternative and its numbers', async () => {
    await openStudy(studyStatus());
    for (const figure of ['#precision-chart', '#loss-chart', '#traffic-chart']) {
      await page.waitForSelector(`${figure} canvas`);
      await expectPainted(figure);
    }
    const label = await page.getAttribute('#precision-chart .canvas', 'aria-label');
    expect(label).to.contain('mean 0.538').and.contain('Cardiomegaly 0.740').and.contain('Nodule –');
    await page.click('#precision-chart summary');
    expect(await cells(page, '#precision-chart')).to.deep.include([
      'Cardiomegaly',
      '0.520',
      '0.660',
      '0.740',
    ]);

    await page.getByRole('group', { name: 'Measure' }).getByLabel('AP75').check();
    const label75 = await page.getAttribute('#precision-chart .canvas', 'aria-label');
    expect(label75).to.contain('AP75 after round 3').and.contain('Cardiomegaly 0.296'); // 0.74 · 0.4
    expect(watched.complaints).to.deep.equal([]);
  });

  it('shows the latest scores by class and site, one figure at a time', async () => {
    await openStudy(studyStatus());
    const heads = await page.$$eval('#scores-table thead th', (all) => all.map((head) => head.textContent));
    expect(heads).to.deep.equal(['Class', ...SITES, 'All sites']);
    const table = await cells(page, '#scores-table');
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
    for (const contrast of await contrasts('#scores-table .heat')) expect(contrast).to.be.at.least(4.5);

    await page.getByLabel('AUC, global head').check();
    expect((await cells(page, '#scores-table'))[1]?.[1]).to.equal('0.704\n110 of 310 films');
    expect(watched.complaints).to.deep.equal([]);
  });

  it('keeps the scores readable in the dark', async () => {
    await openStudy(studyStatus(), { colorScheme: 'dark' });
    for (const contrast of await contrasts('#scores-table .heat')) expect(contrast).to.be.at.least(4.5);
  });

  /** Contrast of text and ground after WCAG 2.2, of each element. */
  function contrasts(selector: string): Promise<number[]> {
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

  async function expectPainted(figure: string): Promise<void> {
    await page.waitForFunction((selector) => {
      const canvas = document.querySelector<HTMLCanvasElement>(`${selector} canvas`);
      return canvas !== null && canvas.height > 0;
    }, figure);
    expect(await painted(page, figure), figure).to.be.greaterThan(0.01);
  }

  it('follows a live update and a progress report without reloading', async () => {
    const status = studyStatus();
    await openStudy(status);
    await page.evaluate(() => Object.assign(window, { notReloaded: true }));

    server.progress({
      site: 'east',
      study: 'chest-1',
      round: 4,
      attempt: 1,
      phase: 'train',
      step: 7,
      steps: 120,
      losses: { intra: 0.4, inter: 0.0321 },
      filmsPerSecond: 11.25,
      bytesSent: 7_000_000,
      bytesReceived: 19_000_000,
    });
    await page.waitForSelector('#sites tr:nth-child(4) progress[value="7"]');
    const east = (await cells(page, '#sites'))[3];
    expect(east).to.include('7 / 120').and.include('0.432').and.include('7.00 MB').and.include('19.0 MB');

    const [first, second, third, fourth] = status.history;
    if (!first || !second || !third || !fourth) throw new Error('the study of this test has four rounds');
    server.publish({
      ...status,
      history: [first, second, third, { ...fourth, state: 'aggregating', seconds: { train: 200 } }],
    });
    await page.waitForSelector('#phases li:nth-child(2)[aria-current=step]');
    expect((await cells(page, '#rounds'))[0])
      .to.include('Aggregating')
      .and.include('3 min 20 s');
    expect(await page.evaluate(() => 'notReloaded' in window)).to.equal(true);
    expect(watched.complaints).to.deep.equal([]);
  });

  it('shows a hostile name as text and runs nothing', async () => {
    const attack = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>';
    const status = studyStatus();
    const rename = <T extends { site: string }>(entry: T): T =>
      entry.site === 'east' ? { ...entry, site: attack, reason: attack } : entry;
    await openStudy({
      ...status,
      title: attack,
      reason: attack,
      classes: [attack, ...status.classes.slice(1)],
      sites: status.sites.map(rename),
      history: status.history.map((round) => ({ ...round, sites: round.sites.map(rename) })),
    });
    for (const figure of ['#precision-chart', '#loss-chart', '#traffic-chart']) {
      await page.waitForSelector(`${figure} canvas`);
      await page.hover(`${figure} canvas`); // opens the tooltip, which names sites and classes
    }
    expect(await page.innerText('#study-title')).to.equal(attack);
    expect((await cells(page, '#sites'))[3]?.[0]).to.equal(attack);
    expect(await page.locator('main img, main script, figure img').count()).to.equal(0);
    expect(await page.evaluate(() => 'hacked' in window)).to.equal(false);
    expect(watched.complaints).to.deep.equal([]);
  });

  it('refuses a wrong token with the reason, and takes the right one from the form', async () => {
    await openServer();
    server.publish(studyStatus());
    await openPage();
    await page.goto(`${url}#token=wrong`);
    await page.waitForSelector('#token-login-error:not([hidden])');
    expect(await page.innerText('#token-login-error')).to.contain('The viewer token is not valid.');
    expect(await page.isVisible('#study')).to.equal(false);
    expect(await page.evaluate(() => document.activeElement?.id)).to.equal('token');

    await page.keyboard.type(server.token);
    await page.keyboard.press('Enter');
    await page.waitForSelector('#sites tbody tr');
    expect(await page.isVisible('#login')).to.equal(false);

    await page.reload();
    await page.waitForSelector('#sites tbody tr'); // the tab remembers the token
    await page.click('#sign-out');
    await page.reload();
    await page.waitForSelector('#login:not([hidden])'); // and forgets it
    expect(watched.complaints).to.deep.equal([]);
  });

  it('takes the token out of the address', async () => {
    await openStudy(studyStatus());
    expect(page.url()).to.equal(url);
  });

  it('says that there is no study, then shows the first one', async () => {
    await openServer();
    await openPage();
    await page.goto(`${url}#token=${server.token}`);
    await page.getByText('No study yet.').waitFor();
    server.publish({ ...studyStatus(), state: 'created', history: [] });
    await page.getByText('No round yet. The first one starts').waitFor();
    expect(await page.innerText('#study-round')).to.equal('No round yet, 6 planned');
    expect(await page.innerText('#loss-chart')).to.contain('No site has reported a loss yet.');
    expect(watched.complaints).to.deep.equal([]);
  });

  it('lets the reader choose between studies', async () => {
    await openStudy(studyStatus());
    server.publish({ ...studyStatus(), study: 'chest-0', title: 'An earlier study', state: 'finished' });
    await page.waitForSelector('#study-choice:not([hidden])');
    expect(await page.innerText('#study-title')).to.equal('Chest lesions, four hospitals');
    await page.selectOption('#study-select', 'chest-0');
    await page.getByRole('heading', { name: 'An earlier study' }).waitFor();
    expect(await page.innerText('#study-state')).to.equal('Finished');
  });

  it('keeps the last state and says so when the coordinator goes away', async () => {
    await openStudy(studyStatus());
    await server.close();
    await page.waitForSelector('#banner:not([hidden])');
    expect(await page.innerText('#link')).to.equal('Disconnected');
    expect(await page.isVisible('#sites')).to.equal(true);
  });

  it('asks over HTTP where no socket comes through', async () => {
    await openServer('closed');
    server.publish(studyStatus());
    await openPage();
    await page.goto(`${url}#token=${server.token}`);
    await page.waitForSelector('#sites tbody tr');
    await page.getByText('Every 5 seconds').waitFor();
    expect((await cells(page, '#sites'))[0]).to.include('64 / 120');
  });

  it('fits a phone: nothing but the tables scrolls sideways', async () => {
    await openStudy(studyStatus(), {
      viewport: { width: 360, height: 780 },
      isMobile: true,
      colorScheme: 'dark',
    });
    await expectPainted('#loss-chart');
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).to.equal(360);
    expect(watched.complaints).to.deep.equal([]);
  });

  it('reaches tables, measures and numbers with the keyboard alone', async () => {
    await openStudy(studyStatus());
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
