import { expect } from 'chai';
import { TrainingBoard } from '@fedoxnet/site-agent/console/training-board';
import { readCatalogue } from '@fedoxnet/site-agent/data/catalogue-file';
import { CLASSES } from './support/site-home.js';
import { siteConsoles } from './support/site-consoles.js';
import { watchedPages } from './support/watched-pages.js';

describe('site console in a browser', () => {
  const open = siteConsoles(watchedPages());

  it('releases a film from quarantine after asking, and then shows it among the films', async () => {
    const { page, site, complaints } = await open();
    await page.click('nav a[href="#quarantine"]');
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
    expect(complaints).to.deep.equal([]);
  });

  it('shows every count of the census', async () => {
    const { page, site } = await open();
    await page.click('nav a[href="#census"]');
    await page.waitForSelector('#census-classes tbody tr');
    const names = await page.locator('#census-classes tbody th').allInnerTexts();
    expect(names).to.deep.equal(CLASSES);
    const { films } = await readCatalogue(site.data);
    const train = films.filter(({ split }) => split === 'train').length;
    expect(await page.innerText('#census-films')).to.contain(`${train} training films, 3 held out`);
  });

  it('follows the agent live: round, step, loss by term, films per second', async () => {
    const board = new TrainingBoard();
    const at = { study: 'chest-1', round: 2, attempt: 1 };
    board.apply({ event: 'started', site: 'north', coordinator: 'https://c.example', home: '/srv/site' });
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
    const { page, complaints } = await open(board);
    await page.click('nav a[href="#training"]');
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
    expect(complaints).to.deep.equal([]);
  });
});
