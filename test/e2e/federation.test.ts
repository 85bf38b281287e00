import { existsSync } from 'node:fs';
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { StudyStatus } from '@fedoxnet/shared/protocol/status';
import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import { planHash } from '@fedoxnet/shared/study/plan-hash';
import type { Catalogue } from '@fedoxnet/site-agent/data/film';
import { codeOf } from '../support/rejection.js';
import { fileHasLine } from './support/eventually.js';
import { Federation } from './support/federation.js';
import { massesOf } from './support/masses-of.js';
import { RunningAgent } from './support/running-agent.js';
import { modelFile } from './support/small-model.js';
import { smallPlan } from './support/small-plan.js';

describe('a federation', () => {
  let federation: Federation;
  before(async () => (federation = await Federation.start(1000)));
  afterEach(() => federation.stopAgents());
  after(() => federation.close());

  it('runs two rounds to the result worked out by hand', async () => {
    const plan = smallPlan();
    const stem = { shape: [3], values: new Float32Array([1, -2, 0.5]) };
    await federation.createStudy(plan, modelFile(new Map([['stem.weight', stem]])));
    await federation.enrol('north', plan);
    await federation.enrol('south', plan);
    const north = federation.startAgent('north', { delta: 1, masses: massesOf(3) });
    const south = federation.startAgent('south', { delta: 5, masses: massesOf(1) });
    await federation.untilAllReady('small');
    await federation.startStudy(plan);
    await Promise.all([north.next('ended'), south.next('ended')]);

    // Each round adds (3 · 1 + 1 · 5) / (3 + 1) = 2 to every weight.
    const first = await federation.release('small', 1);
    const second = await federation.release('small', 2);
    expect([...(first.weights.get('stem.weight')?.values ?? [])]).to.deep.equal([3, 0, 2.5]);
    expect([...(second.weights.get('stem.weight')?.values ?? [])]).to.deep.equal([5, 2, 4.5]);

    const status = await federation.status('small');
    expect(status.state).to.equal('finished');
    expect(status.history.map(({ sites }) => sites.map((site) => [site.site, site.state]))).to.deep.equal(
      Array(2).fill([
        ['north', 'counted'],
        ['south', 'counted'],
      ]),
    );
    // Two of four true boxes found at 0.9 before two false alarms at 0.25: precision 1 up to recall 0.5, so 51 of
    // the 101 points of the curve.
    expect(status.history[1]?.metrics?.mean.ap40).to.be.closeTo(51 / 101, 1e-12);
    expect(status.sites.map((site) => site.description?.backend)).to.deep.equal(['scripted', 'scripted']);

    for (const agent of [north, south]) {
      expect(agent.of('uploaded').map(({ round }) => round)).to.deep.equal([1, 2]);
      expect(agent.of('evaluated').map(({ round, films }) => [round, films])).to.deep.equal([
        [1, 1],
        [2, 1],
      ]);
      expect(agent.of('failed')).to.deep.equal([]);
    }
    expect(await readFile(federation.diary('north'), 'utf8')).to.equal(
      ['prepare small', 'train 1 1', 'evaluate 1', 'train 2 1', 'evaluate 2', ''].join('\n'),
    );
  });

  /** A study of one round with sites of its own, enrolled; their policies approve the plan. */
  async function prepare(study: string, change: Parameters<typeof smallPlan>[0] = {}) {
    const [first, second] = [`${study}-1`, `${study}-2`];
    const plan = smallPlan({ study, rounds: 1, sites: [first, second], quorum: 1, ...change });
    const stem = { shape: [1], values: new Float32Array([0]) };
    await federation.createStudy(plan, modelFile(new Map([['stem.weight', stem]])));
    for (const site of [first, second]) await federation.enrol(site, plan);
    return { plan, first, second };
  }
  const approved = (study: string, sites: number) =>
    federation.until(
      study,
      (status) => status.sites.filter((site) => site.approved && site.connected).length === sites,
    );
  const weight = async (study: string) =>
    (await federation.release(study, 1)).weights.get('stem.weight')?.values[0];

  it('goes on without a site whose training fails, and tells why', async () => {
    const { plan, first, second } = await prepare('unreadable');
    const bad = federation.startAgent(first, { delta: 1, masses: massesOf(1), failAt: [1] });
    const good = federation.startAgent(second, { delta: 2, masses: massesOf(1) });
    await approved('unreadable', 2);
    await federation.startStudy(plan);
    await Promise.all([bad.next('ended'), good.next('ended')]);
    const status = await federation.status('unreadable');
    const [failed, counted] = status.history[0]?.sites ?? [];
    expect(failed).to.include({ state: 'failed', reason: 'FILM_UNREADABLE: Film 7 cannot be decoded.' });
    expect(counted?.state).to.equal('counted');
    expect(bad.of('failed')).to.have.length(1);
    expect(bad.of('evaluated'), 'it still scores the release').to.have.length(1);
    expect(await weight('unreadable')).to.equal(2);
  });

  it('starts a trainer that dies once more, and the site still delivers', async () => {
    const { plan, first } = await prepare('dying', { sites: ['dying-1'], quorum: 1 });
    const agent = federation.startAgent(first, { delta: 3, masses: massesOf(1), dieAt: [1] });
    await approved('dying', 1);
    await federation.startStudy(plan);
    await agent.next('ended');
    expect(agent.of('failed')).to.deep.equal([]);
    expect(agent.of('prepared'), 'once before, once after').to.have.length(2);
    expect(await weight('dying')).to.equal(3);
  });

  it('computes nothing at a site that did not approve the plan, or whose policy forbids the study', async () => {
    const { plan, first, second } = await prepare('unwanted');
    await writeFile(join(federation.home(first), 'policy.json'), JSON.stringify({ studies: ['another'] }));
    const unwilling = federation.startAgent(first, { delta: 1, masses: massesOf(1) });
    const willing = federation.startAgent(second, { delta: 2, masses: massesOf(1) });
    await approved('unwanted', 1);
    await federation.startStudy(plan);
    await willing.next('ended');
    expect(unwilling.of('round')).to.deep.equal([]);
    expect(existsSync(federation.diary(first)), 'the trainer was never asked').to.equal(false);
    expect(await weight('unwanted')).to.equal(2);
  });

  it('begins at the hours of its policy, which is asked again, and says why it waits', async () => {
    const { plan, first, second } = await prepare('nightly', { quorum: 2 });
    const policy = (said: object) =>
      writeFile(
        join(federation.home(first), 'policy.json'),
        JSON.stringify({ approve: [planHash(plan)], ...said }),
      );
    const clock = (hours: number) => new Date(Date.now() + hours * 3_600_000).toTimeString().slice(0, 5);
    const hours = `${clock(8)}-${clock(16)}`;
    await policy({ hours });
    const waiting = federation.startAgent(first, { delta: 1, masses: massesOf(1) });
    const ready = federation.startAgent(second, { delta: 3, masses: massesOf(1) });
    await approved('nightly', 2);
    await federation.startStudy(plan);
    const part = (status: StudyStatus) => status.history[0]?.sites[0];
    const status = await federation.until('nightly', (now) => part(now)?.state === 'postponed');
    expect(part(status)?.reason).to.equal(`OUTSIDE_HOURS: The policy of this site allows work at ${hours}.`);
    expect(existsSync(federation.diary(first)), 'not even films were loaded').to.equal(false);
    await policy({});
    await Promise.all([waiting.next('ended'), ready.next('ended')]);
    expect(await weight('nightly')).to.equal(2);
  });

  it('waits for the stage that asks for its films, and scores the releases before', async () => {
    const { training } = smallPlan();
    const stages: StudyPlan['training']['stages'] = [
      { fromRound: 1, films: ['box'], quorum: 1 },
      { fromRound: 2, films: ['box', 'image'] },
    ];
    const { plan, first, second } = await prepare('staged', {
      rounds: 2,
      quorum: 2,
      training: { ...training, stages },
    });
    const catalogue = (site: string) => join(federation.data(site), 'catalogue.json');
    const read = JSON.parse(await readFile(catalogue(first), 'utf8')) as Catalogue; // one film, boxed
    const labelled = read.films.map((film) => ({
      ...film,
      boxes: [],
      readings: { Mass: { supervision: 'image' as const, present: 1 as const } },
    }));
    await writeFile(catalogue(first), JSON.stringify({ ...read, films: labelled }));
    const labels = federation.startAgent(first, { delta: 1, masses: massesOf(1) });
    const boxes = federation.startAgent(second, { delta: 3, masses: massesOf(1) });
    await approved('staged', 2);
    await federation.startStudy(plan);
    await Promise.all([labels.next('ended'), boxes.next('ended')]);
    const { history } = await federation.status('staged');
    const states = history.map(({ sites }) => sites.map(({ state }) => state));
    expect(states).to.deep.equal([
      ['waiting', 'counted'],
      ['counted', 'counted'],
    ]);
    expect(history[0]?.sites[0]?.reason).to.contain('Only films with boxes teach in round 1');
    const diary = await readFile(federation.diary(first), 'utf8');
    expect(diary).to.contain('evaluate 1').and.contain('train 2').and.not.contain('train 1');
    const { weights } = await federation.release('staged', 2);
    expect([...(weights.get('stem.weight')?.values ?? [])]).to.deep.equal([3 + (1 + 3) / 2]);
  });

  it('refuses a second agent with the same key, and the first one stays', async () => {
    const { first } = await prepare('twice');
    const agent = federation.startAgent(first, { delta: 1, masses: massesOf(1) });
    await agent.next('connected');
    const copy = join(federation.folder, 'copy');
    await cp(federation.home(first), copy, { recursive: true });
    for (const file of await readdir(copy)) if (file.startsWith('agent.lock')) await rm(join(copy, file));
    const settings = federation.settings(first, { delta: 1, masses: massesOf(1) });
    const second = new RunningAgent({ ...settings, home: copy });
    expect(await codeOf(second.ended)).to.equal('SITE_ALREADY_CONNECTED');
    const sameHome = new RunningAgent(settings);
    expect(await codeOf(sameHome.ended)).to.equal('SITE_ALREADY_CONNECTED');
    expect(agent.of('disconnected')).to.deep.equal([]);
  });

  it('sends a revoked site away for good', async () => {
    const { first } = await prepare('revoked');
    const agent = federation.startAgent(first, { delta: 1, masses: massesOf(1) });
    await agent.next('connected');
    await federation.operator('POST', `sites/${first}/revoke`);
    expect(await codeOf(agent.ended)).to.equal('SITE_REVOKED');
  });

  it('tells a site that was away that its study has ended', async () => {
    const { plan, first, second } = await prepare('away');
    const early = federation.startAgent(first, { delta: 1, masses: massesOf(1) });
    await approved('away', 1);
    await early.stop();
    const willing = federation.startAgent(second, { delta: 2, masses: massesOf(1) });
    await approved('away', 1);
    await federation.operator('POST', `studies/${plan.study}/cancel`);
    expect((await willing.next('ended')).state).to.equal('cancelled');
    const late = federation.startAgent(first, { delta: 1, masses: massesOf(1) });
    expect(await late.next('ended')).to.include({ study: 'away', state: 'cancelled' });
  });

  it('approves by policy a study that is made while the site is connected', async () => {
    const plan = smallPlan({ study: 'fresh', rounds: 1, sites: ['fresh-1'], quorum: 1 });
    await federation.enrol('fresh-1', plan);
    const agent = federation.startAgent('fresh-1', { delta: 4, masses: massesOf(1) });
    await agent.next('connected');
    const stem = { shape: [1], values: new Float32Array([0]) };
    await federation.createStudy(plan, modelFile(new Map([['stem.weight', stem]])));
    await approved('fresh', 1);
    await federation.startStudy(plan);
    await agent.next('ended');
    expect(await weight('fresh')).to.equal(4);
  });

  it('finishes a round although the coordinator was away after training', async () => {
    const { plan, first } = await prepare('restart', { sites: ['restart-1'], quorum: 1 });
    const agent = federation.startAgent(first, {
      delta: 6,
      masses: massesOf(1),
      waitFor: join(federation.folder, 'go'),
    });
    await approved('restart', 1);
    await federation.startStudy(plan);
    await fileHasLine(federation.diary(first), 'train 1 1');
    await federation.restartCoordinator(async () => {
      await writeFile(join(federation.folder, 'go'), '');
      await agent.next('trained');
    });
    await agent.next('ended');
    expect(await weight('restart')).to.equal(6);
    expect(agent.of('trained'), 'trained once').to.have.length(1);
  });
});
