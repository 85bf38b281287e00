import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { createCoordinator, type Coordinator } from '@fedoxnet/coordinator/coordinator';
import { planHash } from '@fedoxnet/shared/study/plan-hash';
import { samplePlan } from '../shared/study/sample-plan.js';
import { watchedPages } from './support/watched-pages.js';

describe('dashboard of a real coordinator', () => {
  const openPage = watchedPages();
  let folder: string;
  let coordinator: Coordinator;
  let url: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fedoxnet-dashboard-'));
    coordinator = await createCoordinator({ dataDir: folder });
    await new Promise<void>((resolve) => coordinator.server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(coordinator.server.address() as AddressInfo).port}/`;
  });

  after(async () => {
    await (coordinator as Coordinator | undefined)?.close();
    if (folder as string | undefined) await rm(folder, { recursive: true, force: true });
  });

  async function operate(path: string, body: object): Promise<void> {
    const response = await fetch(`${url}v1/admin/${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${coordinator.tokens.operator}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(body),
    });
    expect(response.ok, await response.text()).to.equal(true);
  }

  it('shows a study as soon as it is created, its title as text whatever it contains', async () => {
    const { page, complaints } = await openPage(url);
    const response = await page.goto(`${url}#token=${coordinator.tokens.viewer}`);
    expect(response?.headers()['content-security-policy']).to.match(/default-src 'none'.*script-src 'self';/);
    await page.getByText('No study yet.').waitFor();

    const plan = { ...samplePlan, title: '<img src=x onerror="window.hacked=1">' };
    await operate('studies', { plan });
    await page.waitForSelector('#study:not([hidden])');
    expect(await page.innerText('#study-title')).to.equal(plan.title);
    expect(await page.innerText('#study-state')).to.equal('Not started');
    expect(await page.innerText('#study-plan')).to.equal(planHash(plan).slice(0, 12));
    expect(await page.innerText('#study-round')).to.equal(`No round yet, ${plan.rounds} planned`);
    expect(await page.locator('#sites tbody th').allInnerTexts()).to.deep.equal(plan.sites);
    expect(await page.evaluate('"hacked" in window')).to.equal(false);

    await operate(`studies/${plan.study}/cancel`, {});
    await page.getByText('Cancelled', { exact: true }).waitFor();
    expect(complaints).to.deep.equal([]);
  });

  it('shows the sign-in with the reason when the token is wrong, and opens with the right one', async () => {
    const { page } = await openPage(url);
    await page.goto(`${url}#token=${'x'.repeat(43)}`);
    await page.waitForSelector('#token-login-error:not([hidden])');
    expect(await page.innerText('#token-login-error')).to.contain('nor the viewer token.');
    await page.getByLabel('Viewer token').fill(coordinator.tokens.viewer);
    await page.getByRole('button', { name: 'Show the study' }).click();
    await page.getByText('Live', { exact: true }).waitFor();
    expect(await page.isVisible('#login')).to.equal(false);
  });

  it('takes an invitation, lets its person choose a password, and keeps the session until it is ended', async () => {
    const response = await fetch(`${url}v1/admin/people`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${coordinator.tokens.operator}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ person: 'ada', role: 'researcher' }),
    });
    const { invitation } = (await response.json()) as { invitation: string };
    const { page, context, complaints } = await openPage(url);
    await page.goto(`${url}#welcome=${invitation}`);
    await page.getByRole('heading', { name: 'Choose a password' }).waitFor();
    expect(page.url(), 'the invitation has left the address').to.equal(url);
    await page.locator('#new-password').fill('five words are not many');
    await page.getByLabel('The same again').fill('five words are not much');
    await page.getByRole('button', { name: 'Set the password and sign in' }).click();
    await page.getByText('The two are not the same.').waitFor();
    await page.getByLabel('The same again').fill('five words are not many');
    await page.getByRole('button', { name: 'Set the password and sign in' }).click();
    await page.getByText('Live', { exact: true }).waitFor();
    expect(await page.innerText('#who')).to.equal('ada, researcher');

    await page.reload();
    await page.getByText('Live', { exact: true }).waitFor();
    const [cookie] = await context.cookies();
    expect(cookie).to.include({ name: 'fedoxnet_session', httpOnly: true, sameSite: 'Strict' });
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Name').waitFor();
    expect(await context.cookies()).to.deep.equal([]);
    await page.reload();
    await page.getByLabel('Name').fill('ada');
    await page.locator('#password').fill('five words are not many');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByText('Live', { exact: true }).waitFor();
    expect(complaints).to.deep.equal([]);
  });
});
