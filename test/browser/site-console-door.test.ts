/// <reference lib="dom" />
// for the functions below that run inside the page
import { request } from 'node:http';
import { expect } from 'chai';
import { setConsolePassword } from '@fedoxnet/site-agent/console/access/console-password';
import { startQuietConsole } from './support/quiet-console.js';
import { siteConsoles } from './support/site-consoles.js';
import { SiteHome } from './support/site-home.js';
import { watchedPages } from './support/watched-pages.js';

const PASSWORD = 'films stay where they are';

describe('the door of the site console', () => {
  const openPage = watchedPages();
  const open = siteConsoles(openPage);

  it('opens by the printed link once, keeps the session over a reload, and ends it', async () => {
    const { page, console, context, complaints } = await open();
    expect(page.url(), 'the secret has left the address').to.equal(console.url);
    const [cookie] = await context.cookies();
    expect(cookie).to.include({ httpOnly: true, sameSite: 'Strict' });
    await page.reload();
    await page.waitForSelector('#film[data-state=shown]');
    const other = await openPage(console.url);
    await other.page.goto(console.entryLink!);
    await other.page.getByText('The link was used').waitFor();
    await other.context.close();
    await page.click('#sign-out');
    await page.waitForSelector('#login:not([hidden])');
    await page.reload();
    await page.waitForSelector('#login:not([hidden])');
    expect(complaints).to.deep.equal([]);
  });

  it('refuses a wrong password with the reason, takes the right one, and prints no link then', async () => {
    const home = await SiteHome.make();
    await setConsolePassword(home.home, PASSWORD);
    const guarded = await startQuietConsole(home);
    const { page } = await openPage(guarded.url);
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

  it('gives nothing to other names, other pages, and whoever has the cookie alone', async () => {
    const { page, console, context } = await open();
    const [cookie] = await context.cookies();
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
    const { console } = await open();
    const reply = await fetch(`${console.url}v1/films`);
    expect(reply.status).to.equal(401);
    expect(reply.headers.get('cache-control')).to.equal('no-store');
    expect(reply.headers.get('access-control-allow-origin')).to.equal(null);
    const { headers } = await fetch(console.url);
    expect(headers.get('content-security-policy')).to.contain("frame-ancestors 'none'");
    expect(headers.get('x-content-type-options')).to.equal('nosniff');
  });
});
