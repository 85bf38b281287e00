/// <reference lib="dom" />
// for the functions below that run inside the page
import { expect } from 'chai';
import { consortium } from './support/consortium.js';
import { dashboards } from './support/dashboards.js';
import { studyStatus } from './support/study-status.js';
import { tableCells } from './support/table-cells.js';

describe('census on the dashboard', () => {
  const open = dashboards();

  it('shows classes by site and supervision, who told nothing, and what does not fit together', async () => {
    const { page, complaints } = await open(studyStatus(), { census: consortium() });
    await page.waitForSelector('#census-classes tbody tr');
    const heads = await page.$$eval('#census-classes thead th', (all) => all.map((head) => head.textContent));
    expect(heads).to.deep.equal(['Class', 'north', 'south', 'west', 'east']);
    const classes = await tableCells(page, '#census-classes');
    expect(classes[1]).to.deep.equal([
      'Cardiomegaly',
      'Boxes: 60 with, 140 without',
      '–',
      'Image labels: 30 with, 970 without',
      '–',
    ]);
    expect(classes[0]).to.deep.equal([
      'Nodule',
      'Boxes: < with, < without',
      '–',
      'Unknown: 1,000\nnot in its label map',
      '–',
    ]);
    expect((await tableCells(page, '#census-sites'))[0])
      .to.include('200')
      .and.include('PA: 100\nAP: 100');
    expect(await page.innerText('#census-silent')).to.contain('No census from south, east');
    const warnings = await page.$$eval('#census-warnings li', (all) => all.map((item) => item.textContent));
    // 60 of 200 against 30 of 1,000.
    expect(warnings).to.include(
      'north finds Cardiomegaly in 30 % of the films it can judge, the other sites in 3.0 %.',
    );
    expect(warnings).to.include('No site boxes Effusion: where it lies is learned from image labels alone.');
    expect(warnings).to.include(
      'The label map of west has no Nodule: its films say nothing of it, not even that it is absent.',
    );
    await page.getByLabel('Held out').check();
    expect((await tableCells(page, '#census-sites'))[0]).to.include('30');
    expect(complaints).to.deep.equal([]);
  });

  it('is hidden before the coordinator says anything, and follows what a site sends', async () => {
    const { page, server, complaints } = await open(studyStatus());
    expect(await page.isVisible('#census')).to.equal(false);
    server.publishCensus(consortium());
    await page.waitForSelector('#census-classes tbody tr');
    const { sites, ...rest } = consortium();
    server.publishCensus({
      ...rest,
      warnings: [],
      sites: sites.map((site) => ({ ...site, census: null, receivedAt: null })),
    });
    await page.waitForSelector('#census-classes', { state: 'hidden' });
    expect(await page.isVisible('#census-warnings')).to.equal(false);
    expect(await page.innerText('#census-silent')).to.contain('No site has shared a census.');
    expect(complaints).to.deep.equal([]);
  });

  it('comes over HTTP where no socket comes through', async () => {
    const { page } = await open(studyStatus(), { census: consortium(), sockets: 'closed' });
    await page.waitForSelector('#census-classes tbody tr');
    expect((await tableCells(page, '#census-classes'))[1]).to.include('Boxes: 60 with, 140 without');
  });

  it('shows a hostile class name as text', async () => {
    const attack = '<img src=x onerror="window.hacked=1">';
    const { page, server } = await open(studyStatus());
    const census = consortium();
    server.publishCensus({
      ...census,
      classes: [attack, ...census.classes.slice(1)],
      warnings: [{ kind: 'unboxed', class: attack, sites: [], text: attack }],
    });
    await page.waitForSelector('#census-classes tbody tr');
    expect((await tableCells(page, '#census-classes'))[0]?.[0]).to.equal(attack);
    expect(await page.innerText('#census-warnings')).to.equal(attack);
    expect(await page.evaluate(() => 'hacked' in window)).to.equal(false);
  });
});
