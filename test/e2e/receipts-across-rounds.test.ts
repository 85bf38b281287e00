import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { ReceiptFile } from '@fedoxnet/shared/receipts/receipt';
import { verify } from '@fedoxnet/site-agent/cli/commands/verify';
import { Federation } from './support/federation.js';
import { massesOf } from './support/masses-of.js';
import { modelFile } from './support/small-model.js';
import { smallPlan } from './support/small-plan.js';

describe('receipts that count work of an earlier attempt or round', () => {
  let federation: Federation;
  let folder: string;
  beforeEach(async () => {
    federation = await Federation.start(1000);
    folder = await mkdtemp(join(tmpdir(), 'fedoxnet-across-'));
  });
  afterEach(async () => {
    await federation.close();
    await rm(folder, { recursive: true, force: true });
  });

  const model = (): Uint8Array =>
    modelFile(new Map([['stem.weight', { shape: [3], values: new Float32Array([1, -2, 0.5]) }]]));

  /** The receipts as they are exported, beside the last release, after a site's own check with its home. */
  async function verifiedBy(site: string, rounds: number): Promise<ReceiptFile['receipts']> {
    const path = join(folder, 'model.safetensors');
    const release = await federation.operator('GET', `studies/small/releases/${rounds}/model`);
    await writeFile(path, new Uint8Array(await release.arrayBuffer()));
    const text = await (await federation.operator('GET', 'studies/small/receipts')).text();
    await writeFile(`${path}.receipts.json`, text);
    const { text: said } = await verify(path, { home: federation.home(site) });
    expect(said).to.contain('Every counted site confirmed every round.');
    return (JSON.parse(text) as ReceiptFile).receipts;
  }

  it('are confirmed by a site that delivered before the round was taken up again', async () => {
    const plan = smallPlan({ quorum: 2, rounds: 1 });
    await federation.createStudy(plan, model());
    for (const site of plan.sites) await federation.enrol(site, plan);
    const north = federation.startAgent('north', { delta: 1, masses: massesOf(1) });
    const waitFor = join(folder, 'go');
    const failing = { delta: 5, masses: massesOf(1), failAt: [1], waitFor };
    const south = federation.startAgent('south', failing);
    await federation.untilAllReady('small');
    await federation.startStudy(plan);
    await north.next('uploaded');
    await writeFile(waitFor, '');
    await federation.until('small', ({ state }) => state === 'paused');
    await federation.operator('POST', 'studies/small/resume');
    await Promise.all([north, south].map((agent) => agent.next('ended')));

    const [first] = await verifiedBy('north', 1);
    expect(first!.receipt.attempt).to.equal(2);
    expect(first!.receipt.counted.map(({ site, round, attempt }) => [site, round, attempt])).to.deep.equal([
      ['north', 1, 1],
      ['south', 1, 2],
    ]);
    expect(first!.countersignatures.map(({ site }) => site)).to.deep.equal(['north', 'south']);
  });

  it('are confirmed by a site whose late update was carried into the next round', async () => {
    const sites = ['north', 'south', 'west'];
    const plan = smallPlan({ sites, quorum: 2, stragglers: 'carry', roundDeadlineSeconds: 8 });
    await federation.createStudy(plan, model());
    for (const site of sites) await federation.enrol(site, plan);
    const waitFor = join(folder, 'go');
    const [north, , west] = sites.map((site) =>
      federation.startAgent(site, { delta: 1, masses: massesOf(1), ...(site === 'west' && { waitFor }) }),
    );
    await federation.untilAllReady('small');
    await federation.startStudy(plan);
    await north!.next('round', ({ round }) => round === 2);
    await writeFile(waitFor, '');
    await Promise.all([north!, west!].map((agent) => agent.next('ended')));

    const [first, second] = await verifiedBy('west', 2);
    expect(first!.receipt.counted.map(({ site }) => site)).to.deep.equal(['north', 'south']);
    const carried = second!.receipt.counted.find(({ site }) => site === 'west');
    expect(carried).to.deep.include({ round: 1, attempt: 1, base: first!.receipt.base });
    expect(second!.countersignatures.map(({ site }) => site)).to.deep.equal(sites);
  });
});
