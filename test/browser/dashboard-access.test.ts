/// <reference lib="dom" />
// for the functions below that run inside the page
import { expect } from 'chai';
import { dashboards } from './support/dashboards.js';
import { studyStatus } from './support/study-status.js';
import { tableCells } from './support/table-cells.js';

describe('the way to the dashboard', () => {
  const open = dashboards();

  it('refuses a wrong token with the reason, and takes the right one from the form', async () => {
    const { page, server, complaints } = await open(studyStatus(), { token: 'wrong' });
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
    expect(complaints).to.deep.equal([]);
  });

  it('takes the token out of the address', async () => {
    const { page, url } = await open(studyStatus());
    expect(page.url()).to.equal(url);
  });

  it('keeps the last state and says so when the coordinator goes away', async () => {
    const { page, server } = await open(studyStatus());
    await server.close();
    await page.waitForSelector('#banner:not([hidden])');
    expect(await page.innerText('#link')).to.equal('Disconnected');
    expect(await page.isVisible('#sites')).to.equal(true);
  });

  it('asks over HTTP where no socket comes through', async () => {
    const { page } = await open(studyStatus(), { sockets: 'closed' });
    await page.getByText('Every 5 seconds').waitFor();
    expect((await tableCells(page, '#sites'))[0]).to.include('64 / 120');
  });
});
