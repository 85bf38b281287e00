import { access, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { verifyAuditFile } from '@fedoxnet/coordinator/audit/audit-file';
import { KEY_FILE, NEXT_KEY_FILE } from '@fedoxnet/coordinator/keys/key-ring';
import { rotateCoordinatorKeys } from '@fedoxnet/coordinator/keys/rotate-keys';
import type { PublicKeys } from '@fedoxnet/shared/protocol/http-messages';
import type { ReceiptFile } from '@fedoxnet/shared/receipts/receipt';
import { readMembership } from '@fedoxnet/site-agent/agent/identity';
import { verify } from '@fedoxnet/site-agent/cli/commands/verify';
import { codeOf } from '../support/rejection.js';
import { Federation } from './support/federation.js';
import { massesOf } from './support/masses-of.js';
import { modelFile } from './support/small-model.js';
import { smallPlan } from './support/small-plan.js';

describe('rotation of the coordinator’s keys', () => {
  let federation: Federation;
  let folder: string;
  let dataDir: string;
  let old: PublicKeys;
  let fresh: PublicKeys;
  const SITES = ['north', 'south'];
  const auditFile = async (): Promise<string> => (await federation.operator('GET', 'audit/file')).text();
  async function* pieces(text: string): AsyncGenerator<string> {
    yield await Promise.resolve(text);
  }

  before(async () => {
    federation = await Federation.start(20_000);
    dataDir = join(federation.folder, 'coordinator');
    folder = await mkdtemp(join(tmpdir(), 'fedoxnet-keys-'));
    old = federation.coordinator.keys;
    const plan = smallPlan();
    const stem = { shape: [3], values: new Float32Array([1, -2, 0.5]) };
    await federation.createStudy(plan, modelFile(new Map([['stem.weight', stem]])));
    for (const site of SITES) await federation.enrol(site, plan);
    const waitFor = join(folder, 'go');
    await writeFile(waitFor, '');
    const agents = SITES.map((site) =>
      federation.startAgent(site, { delta: 1, masses: massesOf(1), waitFor }),
    );
    await federation.untilAllReady('small');
    await federation.startStudy(plan);
    // The second round waits: its keys are replaced while both sites are at work.
    await Promise.all(agents.map((agent) => agent.next('uploaded')));
    await rm(waitFor);
    await Promise.all(agents.map((agent) => agent.next('round', ({ round }) => round === 2)));
    await federation.restartCoordinator(async () => {
      fresh = await rotateCoordinatorKeys({ dataDir });
    });
    await federation.until('small', ({ sites }) => sites.every(({ connected }) => connected));
    await writeFile(waitFor, '');
    await Promise.all(agents.map((agent) => agent.next('ended')));
    await federation.stopAgents();
  });
  after(async () => {
    await federation.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('is followed by the sites, and the study goes on as if nothing had been', async () => {
    expect(fresh).to.not.deep.equal(old);
    expect(federation.coordinator.keys).to.deep.equal(fresh);
    for (const site of SITES) {
      expect(await readMembership(federation.home(site))).to.deep.include({
        coordinator: fresh,
        formerSignKeys: [old.signKey],
      });
    }
    const { weights } = await federation.release('small', 2);
    expect([...weights.get('stem.weight')!.values]).to.deep.equal([3, 0, 2.5]); // 1 a round
    expect((await federation.release('small', 1)).weights.get('stem.weight')!.values[0]).to.equal(2);
  });

  it('leaves receipts that prove the model across it', async () => {
    const model = join(folder, 'model.safetensors');
    const release = await federation.operator('GET', 'studies/small/releases/2/model');
    await writeFile(model, new Uint8Array(await release.arrayBuffer()));
    const file = (await (await federation.operator('GET', 'studies/small/receipts')).json()) as ReceiptFile;
    const tried = async (change: Partial<ReceiptFile>, home?: string): Promise<string> => {
      await writeFile(`${model}.receipts.json`, JSON.stringify({ ...file, ...change }));
      return verify(model, home === undefined ? {} : { home }).then(
        ({ text }) => text,
        (error: Error) => error.message,
      );
    };
    expect(file.receipts.map(({ countersignatures }) => countersignatures.length)).to.deep.equal([2, 2]);
    expect(await tried({})).to.contain('Every counted site confirmed every round.');
    expect(await tried({}, federation.home('north'))).to.contain('the key that this site pinned');
    expect(await tried({ succession: [] })).to.contain('The receipt of round 1 is not signed');
    const [first, second] = file.receipts;
    const borrowed = { receipts: [first!, { ...second!, signature: first!.signature }] };
    expect(await tried(borrowed)).to.contain('The receipt of round 2 is not signed');
  });

  it('stands in an audit log that holds, whichever key is known', async () => {
    const text = await auditFile();
    for (const known of [old.signKey, fresh.signKey, null]) {
      expect((await verifyAuditFile(pieces(text), known)).signKey).to.equal(fresh.signKey);
    }
    const stranger = Buffer.alloc(32, 1).toString('base64');
    expect(await codeOf(verifyAuditFile(pieces(text), stranger))).to.equal('DATA_INVALID');
    const reply = await federation.operator('GET', 'audit');
    expect(await reply.json()).to.include({ brokenAt: null });
    const lines = text.split('\n');
    const at = lines.findIndex((line) => line.includes('"rotate-coordinator"'));
    const without = lines.filter((_, index) => index !== at).join('\n');
    expect(await codeOf(verifyAuditFile(pieces(without), null))).to.equal('DATA_INVALID');
  });

  it('is refused while the coordinator runs, and where there is none', async () => {
    expect(await codeOf(rotateCoordinatorKeys({ dataDir }))).to.equal('DATA_IN_USE');
    expect(await codeOf(rotateCoordinatorKeys({ dataDir: folder }))).to.equal('DATA_MISSING');
    expect(await access(join(folder, KEY_FILE)).catch(() => 'none')).to.equal('none');
  });

  it('that was interrupted is finished by the next start, once', async () => {
    const rotations = async (): Promise<number> =>
      (await auditFile()).split('\n').filter((line) => line.includes('"rotate-coordinator"')).length;
    const key = join(dataDir, KEY_FILE);
    let third: PublicKeys | null = null;
    await federation.restartCoordinator(async () => {
      const present = await readFile(key);
      third = await rotateCoordinatorKeys({ dataDir });
      // As if it had died before the very last step: the log and the releases know, the key file does not.
      await rename(key, join(dataDir, NEXT_KEY_FILE));
      await writeFile(key, present, { mode: 0o600 });
    });
    expect(federation.coordinator.keys).to.deep.equal(third);
    expect(await rotations()).to.equal(2);
    expect(await access(join(dataDir, NEXT_KEY_FILE)).catch(() => 'none')).to.equal('none');
    expect((await federation.release('small', 2)).weights.size).to.equal(1);
    expect((await verifyAuditFile(pieces(await auditFile()), old.signKey)).signKey).to.equal(third!.signKey);
  });
});
