/// <reference lib="dom" />
// for the functions below that run inside the page
import { expect } from 'chai';
import { dashboards } from './support/dashboards.js';
import { expectPainted } from './support/painted.js';
import { SITES, studyStatus } from './support/study-status.js';
import { tableCells } from './support/table-cells.js';

describe('dashboard in a browser', () => {
  const open = dashboards();

  it('shows the numbers of the status in their cells', async () => {
    const { page, complaints } = await open(studyStatus());
    expect(await page.innerText('#study-title')).to.equal('Chest lesions, four hospitals');
    expect(await page.innerText('#study-state')).to.equal('Running');
    expect(await page.innerText('#study-round')).to.equal('Round 4 of 6');
    expect(await page.innerText('#study-plan')).to.equal('c0ffee123456');
    expect(await page.innerText('[aria-current=step]')).to.contain('Training');

    const heads = await page.$$eval('#sites thead th', (all) => all.map((head) => head.textContent));
    const sites = await tableCells(page, '#sites');
    const cell = (site: number, head: string) => sites[site]?.[heads.indexOf(head)];
    expect(sites.map((row) => row[0])).to.deep.equal([...SITES]);
    expect(cell(0, 'Supervision')).to.equal('Boxes 1,240');
    expect(cell(0, 'Steps')).to.equal('64 / 120');
    expect(cell(2, 'Supervision')).to.equal('Image labels 5,210');
    expect(cell(2, 'Films/s')).to.equal('9.5');
    expect(cell(3, 'Phase')).to.equal('Receiving the model');
    expect(cell(3, 'Sent')).to.equal('6.42 MB');

    const rounds = await tableCells(page, '#rounds');
    expect(rounds.map((row) => row[0])).to.deep.equal(['4', '3', '2', '1']);
    expect(rounds[2]).to.include('3 of 4\neast (missing): No update arrived before the deadline.');
    expect(rounds[1]).to.include('0.538').and.include('3ad5e1f0c3b7').and.include('4.31 MB');
    expect(complaints).to.deep.equal([]);
  });

  it('draws every chart, with a text alternative and its numbers', async () => {
    const { page, complaints } = await open(studyStatus());
    for (const figure of ['#precision-chart', '#loss-chart', '#traffic-chart']) {
      await page.waitForSelector(`${figure} canvas`);
      await expectPainted(page, figure);
    }
    const label = await page.getAttribute('#precision-chart .canvas', 'aria-label');
    expect(label).to.contain('mean 0.538').and.contain('Cardiomegaly 0.740').and.contain('Nodule –');
    await page.click('#precision-chart summary');
    expect(await tableCells(page, '#precision-chart')).to.deep.include([
      'Cardiomegaly',
      '0.520',
      '0.660',
      '0.740',
    ]);

    await page.getByRole('group', { name: 'Measure' }).getByLabel('AP75').check();
    const label75 = await page.getAttribute('#precision-chart .canvas', 'aria-label');
    expect(label75).to.contain('AP75 after round 3').and.contain('Cardiomegaly 0.296'); // 0.74 · 0.4
    expect(complaints).to.deep.equal([]);
  });

  it('follows a live update and a progress report without reloading', async () => {
    const status = studyStatus();
    const { page, server, complaints } = await open(status);
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
    const east = (await tableCells(page, '#sites'))[3];
    expect(east).to.include('7 / 120').and.include('0.432').and.include('7.00 MB').and.include('19.0 MB');

    const [first, second, third, fourth] = status.history;
    if (!first || !second || !third || !fourth) throw new Error('the study of this test has four rounds');
    server.publish({
      ...status,
      history: [first, second, third, { ...fourth, state: 'aggregating', seconds: { train: 200 } }],
    });
    await page.waitForSelector('#phases li:nth-child(2)[aria-current=step]');
    expect((await tableCells(page, '#rounds'))[0])
      .to.include('Aggregating')
      .and.include('3 min 20 s');
    expect(await page.evaluate(() => 'notReloaded' in window)).to.equal(true);
    expect(complaints).to.deep.equal([]);
  });

  it('shows a hostile name as text and runs nothing', async () => {
    const attack = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>';
    const status = studyStatus();
    const rename = <T extends { site: string }>(entry: T): T =>
      entry.site === 'east' ? { ...entry, site: attack, reason: attack } : entry;
    const { page, complaints } = await open({
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
    expect((await tableCells(page, '#sites'))[3]?.[0]).to.equal(attack);
    expect(await page.locator('main img, main script, figure img').count()).to.equal(0);
    expect(await page.evaluate(() => 'hacked' in window)).to.equal(false);
    expect(complaints).to.deep.equal([]);
  });

  it('says that there is no study, then shows the first one', async () => {
    const { page, server, complaints } = await open(null);
    await page.getByText('No study yet.').waitFor();
    server.publish({ ...studyStatus(), state: 'created', history: [] });
    await page.getByText('No round yet. The first one starts').waitFor();
    expect(await page.innerText('#study-round')).to.equal('No round yet, 6 planned');
    expect(await page.innerText('#loss-chart')).to.contain('No site has reported a loss yet.');
    expect(complaints).to.deep.equal([]);
  });

  it('lets the reader choose between studies', async () => {
    const { page, server } = await open(studyStatus());
    server.publish({ ...studyStatus(), study: 'chest-0', title: 'An earlier study', state: 'finished' });
    await page.waitForSelector('#study-choice:not([hidden])');
    expect(await page.innerText('#study-title')).to.equal('Chest lesions, four hospitals');
    await page.selectOption('#study-select', 'chest-0');
    await page.getByRole('heading', { name: 'An earlier study' }).waitFor();
    expect(await page.innerText('#study-state')).to.equal('Finished');
  });
});
