import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { planHash } from '@fedoxnet/shared/study/plan-hash';
import { Approvals } from '@fedoxnet/site-agent/agent/approvals';
import { Refusals } from '@fedoxnet/site-agent/agent/refusals';
import type { SiteConsole } from '@fedoxnet/site-agent/console/console';
import { readDay } from '@fedoxnet/site-agent/ledger/day-record';
import { dayOf } from '@fedoxnet/site-agent/ledger/ledger-day';
import { generatePhantoms } from '@fedoxnet/site-agent/phantoms/generate-phantoms';
import { Federation } from '../e2e/support/federation.js';
import { massesOf } from '../e2e/support/masses-of.js';
import { modelFile, randomModel } from '../e2e/support/small-model.js';
import { smallPlan } from '../e2e/support/small-plan.js';
import { startQuietConsole } from './support/quiet-console.js';
import { watchedPages, type WatchedPage } from './support/watched-pages.js';

const SITE = 'north';

describe('site console of an enrolled site', () => {
  const openPage = watchedPages('for all tests');
  let federation: Federation;
  let console: SiteConsole;
  let watched: WatchedPage;
  let page: Page;

  before(async () => {
    federation = await Federation.start();
    await federation.enrol(SITE, null);
    const [home, data] = [federation.home(SITE), federation.data(SITE)];
    await generatePhantoms({
      ...{ out: data, films: 4, size: 128, seed: 1, scanner: 'digital', valFraction: 0.25 },
      ...{ classes: ['Mass', 'Effusion'], supervision: { Mass: 'box', Effusion: 'image' } },
    });
    console = await startQuietConsole({ home, data });
    watched = await openPage(console.url);
    ({ page } = watched);
    await page.goto(console.entryLink!);
    await page.waitForSelector('#film[data-state=shown]');
  });
  after(async () => {
    await (console as SiteConsole | undefined)?.close();
    await (federation as Federation | undefined)?.close();
  });

  it('shows a plan in plain words and approves it by its hash; the ledger then holds the round, byte for byte', async () => {
    const plan = smallPlan({ study: 'wanted', rounds: 1, sites: [SITE], quorum: 1 });
    const hash = planHash(plan);
    await federation.createStudy(plan, modelFile(randomModel(5000, 1)));
    await page.click('nav a[href="#plans"]');
    const card = page.locator(`[data-plan="${hash}"]`);
    await card.getByText('Waits for your word').waitFor();
    expect(await card.innerText())
      .to.contain('to find and box Mass and Effusion on frontal chest films')
      .and.contain('1 rounds of 3 training steps each')
      .and.contain('every film, box, label, film name and patient name')
      .and.contain(hash);

    await card.getByRole('button', { name: 'Approve this plan' }).click();
    expect(await page.innerText('#ask-text'), 'asked by the hash').to.contain(hash);
    await page.getByRole('button', { name: 'Cancel' }).click();
    expect(await new Approvals(federation.home(SITE)).find(hash)).to.equal(null);
    await card.getByRole('button', { name: 'Approve this plan' }).click();
    await page.locator('#ask-yes').click();
    await card.getByText('Approved', { exact: true }).waitFor();
    expect((await federation.status('wanted')).sites[0]?.approved).to.equal(true);

    const agent = federation.startAgent(SITE, { delta: 0.5, masses: massesOf(1) });
    await federation.until('wanted', ({ sites }) => sites.every(({ connected }) => connected));
    await federation.startStudy(plan);
    const { digest } = await agent.next('uploaded');
    await agent.next('ended');
    await agent.stop();

    await page.click('nav a[href="#ledger"]');
    const row = page.locator('#ledger-table tbody tr', { has: page.locator('th', { hasText: /^update$/ }) });
    await row.waitFor();
    const today = await readDay(federation.home(SITE), dayOf(new Date()));
    const update = today.rows.find(({ what }) => what === 'update');
    const cells = await row.locator('td').allInnerTexts();
    expect(cells[1]).to.equal('wanted, 1');
    expect(cells[3]?.split('\n')[1]).to.equal(update?.bytes.toLocaleString('en-US'));
    expect(cells[4]).to.equal(digest.slice(0, 12));
    expect(cells[5]).to.equal(federation.address);
    expect(watched.complaints).to.deep.equal([]);
  });

  it('refuses a plan, and says so to whoever looks again', async () => {
    const plan = smallPlan({ study: 'unwanted', rounds: 1, sites: [SITE], quorum: 1 });
    const hash = planHash(plan);
    await federation.createStudy(plan, modelFile(randomModel(100, 1)));
    await page.click('nav a[href="#films"]');
    await page.click('nav a[href="#plans"]');
    const card = page.locator(`[data-plan="${hash}"]`);
    await card.getByRole('button', { name: 'Refuse it' }).click();
    await page.locator('#ask-yes').click();
    await card.getByText('Refused', { exact: true }).waitFor();
    expect((await new Refusals(federation.home(SITE)).find(hash))?.study).to.equal('unwanted');
    expect((await federation.status('unwanted')).sites[0]?.approved).to.equal(false);
  });

  it('shows the plans that are known here while the coordinator is away, and says that it is', async () => {
    await federation.restartCoordinator(async () => {
      await page.click('nav a[href="#films"]');
      await page.click('nav a[href="#plans"]');
      await page.getByText('Only what is known here').waitFor();
      expect(await page.locator('#plan-list li').count()).to.equal(2);
    });
  });
});
