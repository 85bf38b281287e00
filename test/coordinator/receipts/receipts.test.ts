import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { EvaluationInvitation, RoundInvitation } from '@fedoxnet/shared/protocol/socket-messages';
import {
  awaitingReceipts,
  countersign,
  isCountersigned,
  receiptFile,
  type ReceiptFile,
  type SignedReceipt,
} from '@fedoxnet/shared/receipts/receipt';
import { encodeKeys, publicKeysOf } from '@fedoxnet/shared/sealing/keys';
import { writeMembership } from '@fedoxnet/site-agent/agent/identity';
import { rotateSiteKeys } from '@fedoxnet/site-agent/agent/key-rotation';
import { RoundRecords } from '@fedoxnet/site-agent/agent/round-records';
import type { FakeSite } from '../fake-site.js';
import { RunningCoordinator } from '../running-coordinator.js';
import { planFor, weights } from '../study-of-three-tensors.js';

/** Above one page of what waits. */
const ROUNDS = 12;

describe('receipts at the coordinator', () => {
  let running: RunningCoordinator;
  let home: string;
  let site: FakeSite;
  before(async () => {
    running = await RunningCoordinator.start();
    home = await mkdtemp(join(tmpdir(), 'fedoxnet-receipts-'));
    site = await running.site('site-a');
    const records = new RoundRecords(home);
    await writeFile(join(home, 'keys.json'), encodeKeys(site.keys), { mode: 0o600 });
    const { keys } = running.coordinator;
    await writeMembership(home, { version: 1, site: 'site-a', address: running.url, coordinator: keys });
    const plan = planFor('first', ['site-a'], { rounds: ROUNDS });
    await site.approve('first', await running.study(plan));
    const socket = await site.connect();
    socket.on('round:invite', async (invitation: RoundInvitation, ack: (reply: unknown) => void) => {
      ack({ accepted: true });
      const delta = weights([1, 1], [1, 1], [1, 1, 1, 1]);
      const rows = { classRows: [1, 1], globalRows: [1, 1], prototypeRows: [1, 1] };
      const update = site.seal(invitation, delta, { films: 1, positives: 1, ...rows });
      const { round, attempt, base, digest, bytes } = update.header;
      const at = new Date().toISOString();
      await records.contributed('first', { round, attempt, base, update: digest, bytes, at });
      await site.send(update);
    });
    socket.on('round:evaluate', async (message: EvaluationInvitation, ack: (reply: unknown) => void) => {
      ack({ accepted: true });
      await site.report('first', message.round, message.digest, { films: 0, classes: [] });
    });
    await running.operate('POST', 'admin/studies/first/start');
    await running.until('first', ({ state }) => state === 'finished');
  });
  after(async () => {
    await running.remove();
    await rm(home, { recursive: true, force: true });
  });

  async function waiting(
    query = '',
  ): Promise<{ rounds: number[]; more: boolean; receipts: SignedReceipt[] }> {
    const answer = await site.call('GET', `sites/receipts${query}`);
    const { receipts, more } = awaitingReceipts.parse(answer.json);
    return { receipts, more, rounds: receipts.map(({ receipt }) => receipt.round) };
  }
  const exported = async (): Promise<ReceiptFile> =>
    receiptFile.parse((await running.operate('GET', 'admin/studies/first/receipts')).json);

  it('wait for a site page by page, and say so', async () => {
    expect(await waiting()).to.deep.include({ rounds: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], more: true });
    expect(await waiting('?after=first/10')).to.deep.include({ rounds: [11, 12], more: false });
    expect(await waiting('?after=first/2')).to.deep.include({ rounds: [3, 4, 5, 6, 7, 8, 9, 10, 11, 12] });
    expect(await waiting('?after=first/2')).to.include({ more: false });
    expect(await waiting('?after=zebra/1')).to.deep.include({ rounds: [], more: false });
    for (const query of [
      '?after=first',
      '?after=first/0',
      '?after=First/1',
      '?after=a/1&after=b/1',
      '?x=1',
    ]) {
      const { status, code } = await site.call('GET', `sites/receipts${query}`);
      expect([status, code], query).to.deep.equal([400, 'MESSAGE_INVALID']);
    }
  });

  it('name the key that the site had when the round was summed, and the work that was counted', async () => {
    const { signKey } = publicKeysOf(site.keys);
    const { receipts } = await waiting();
    for (const { receipt } of receipts) {
      const { round, attempt, base } = receipt;
      const [entry, ...others] = receipt.counted;
      expect(others).to.deep.equal([]);
      expect(entry).to.deep.include({ site: 'site-a', signKey, round, attempt, base });
    }
  });

  it('take the countersignature of that key: also after the site has replaced it, and of no other', async () => {
    const [first] = (await waiting()).receipts;
    await rotateSiteKeys(home);
    expect((await readdir(home)).filter((name) => name.startsWith('keys'))).to.deep.equal(['keys.json']);
    const { receipts, signKey } = await exported();
    expect(signKey).to.equal(running.coordinator.keys.signKey);
    expect(receipts).to.have.length(ROUNDS);
    for (const { receipt, countersignatures } of receipts) {
      expect(countersignatures).to.have.length(1);
      expect(isCountersigned(receipt, countersignatures[0]!)).to.equal(true);
    }
    // A stranger enrols; what it signs is not the entry's.
    const other = await running.site('site-b');
    const path = 'studies/first/rounds/1/countersignature';
    const signature = countersign(first!.receipt, other.keys.sign.secretKey);
    expect(await other.call('POST', path, { signature })).to.include({ code: 'NOT_FOUND' });
  });

  it('refuse a signature with the site’s present key where they name another', async () => {
    const again = await running.site('site-a'); // enrolled anew
    const signature = countersign((await exported()).receipts[0]!.receipt, again.keys.sign.secretKey);
    const answer = await again.call('POST', 'studies/first/rounds/1/countersignature', { signature });
    expect(answer).to.include({ status: 403, code: 'SIGNATURE_INVALID' });
  });
});
