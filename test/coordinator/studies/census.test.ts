import { io } from 'socket.io-client';
import { expect } from 'chai';
import { consortiumCensus, type ConsortiumCensus } from '@fedoxnet/shared/protocol/census-messages';
import type { Census } from '@fedoxnet/shared/study/census';
import type { FakeSite } from '../fake-site.js';
import { call } from '../http-call.js';
import { RunningCoordinator } from '../running-coordinator.js';
import { CLASSES, planFor } from '../study-of-three-tensors.js';
import { censusOf } from './small-census.js';

describe('census of a study', () => {
  let running: RunningCoordinator;
  let [a, b]: FakeSite[] = [];
  const census = censusOf({ Nodule: { box: [20, 80] } }, CLASSES);
  before(async () => {
    running = await RunningCoordinator.start();
    [a, b] = [await running.site('site-a'), await running.site('site-b')];
    const hash = await running.study(planFor('counted', ['site-a', 'site-b']));
    await a.approve('counted', hash);
  });
  after(() => running.remove());

  const send = (site: FakeSite | undefined, what: Census | null, study = 'counted') =>
    site!.call('PUT', `studies/${study}/census`, { census: what });
  const shown = async (): Promise<ConsortiumCensus> => {
    const { viewer } = running.coordinator.tokens;
    return consortiumCensus.parse(
      (await call(running.url, 'GET', 'studies/counted/census', { token: viewer })).json,
    );
  };

  it('is stored, shown with its warnings, replaced and taken back', async () => {
    expect((await shown()).sites.map((site) => site.census)).to.deep.equal([null, null]);
    expect((await send(a, census)).status).to.equal(200);
    const first = await shown();
    expect(first.sites[0]).to.deep.include({ site: 'site-a', census });
    expect(first.sites[1]).to.deep.equal({ site: 'site-b', census: null, receivedAt: null });
    expect(first.warnings.map(({ kind, class: name }) => [kind, name])).to.deep.equal([
      ['unlabelled', 'Effusion'],
      ['unmapped', 'Effusion'],
    ]);
    const larger = censusOf({ Nodule: { box: [30, 80] }, Effusion: { image: [5, 5] } }, CLASSES);
    await send(a, larger);
    expect((await shown()).sites[0]?.census).to.deep.equal(larger);
    await send(a, null);
    expect((await shown()).sites[0]?.census).to.equal(null);
    const audit = await running.coordinator.database.stores.audit.page(0);
    const told = audit
      .filter(({ kind }) => kind === 'census')
      .map(({ detail }) => JSON.parse(detail) as unknown);
    expect(told).to.deep.equal(
      [true, true, false].map((shared) => ({ study: 'counted', site: 'site-a', shared })),
    );
  });

  it('reaches an open dashboard at once', async () => {
    const { viewer } = running.coordinator.tokens;
    const socket = io(`${running.url}/dashboard`, {
      auth: { token: viewer },
      transports: ['websocket'],
      forceNew: true,
    });
    const heard: ConsortiumCensus[] = [];
    const next = (count: number) =>
      new Promise<void>((resolve) => {
        const look = (): void => (heard.length >= count ? resolve() : void socket.once('census', look));
        look();
      });
    socket.on('census', (value: unknown) => heard.push(consortiumCensus.parse(value)));
    await next(1); // what there is, on connection
    await send(a, census);
    await next(2);
    expect(heard.at(-1)?.sites[0]?.census).to.deep.equal(census);
    socket.close();
  });

  it('is refused from a site that has not approved, and for other classes, studies and askers', async () => {
    expect((await send(b, census)).code).to.equal('PLAN_NOT_APPROVED');
    const others = await send(a, censusOf({ Nodule: { box: [20, 80] } }, ['Nodule', 'Mass']));
    expect([others.code, others.status]).to.deep.equal(['MESSAGE_INVALID', 400]);
    const turned = await send(a, censusOf({ Nodule: { box: [20, 80] } }, [...CLASSES].reverse()));
    expect(turned.code).to.equal('MESSAGE_INVALID');
    expect((await send(a, census, 'nothing')).code).to.equal('NOT_FOUND');
    expect((await call(running.url, 'GET', 'studies/counted/census')).status).to.be.within(401, 403);
    expect(
      (await call(running.url, 'PUT', 'studies/counted/census', { body: { census: null } })).code,
    ).to.equal('SESSION_INVALID');
  });
});
