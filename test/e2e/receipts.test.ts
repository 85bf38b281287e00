import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { countersign, type ReceiptFile } from '@fedoxnet/shared/receipts/receipt';
import { generateKeys } from '@fedoxnet/shared/sealing/keys';
import { verify, type VerifyOptions } from '@fedoxnet/site-agent/cli/commands/verify';
import { Federation } from './support/federation.js';
import { massesOf } from './support/masses-of.js';
import { modelFile } from './support/small-model.js';
import { smallPlan } from './support/small-plan.js';

describe('receipts of a federation', () => {
  let federation: Federation;
  let folder: string;
  let model: string;
  before(async () => {
    federation = await Federation.start(1000);
    folder = await mkdtemp(join(tmpdir(), 'fedoxnet-receipts-'));
    model = join(folder, 'model.safetensors');
    const plan = smallPlan();
    const stem = { shape: [3], values: new Float32Array([1, -2, 0.5]) };
    await federation.createStudy(plan, modelFile(new Map([['stem.weight', stem]])));
    for (const site of ['north', 'south']) await federation.enrol(site, plan);
    const agents = [1, 5].map((delta, i) =>
      federation.startAgent(['north', 'south'][i]!, { delta, masses: massesOf(1) }),
    );
    await federation.untilAllReady('small');
    await federation.startStudy(plan);
    await Promise.all(agents.map((agent) => agent.next('ended')));
    await federation.stopAgents();
    const release = await federation.operator('GET', 'studies/small/releases/2/model');
    await writeFile(model, new Uint8Array(await release.arrayBuffer()));
    const receipts = await federation.operator('GET', 'studies/small/receipts');
    await writeFile(`${model}.receipts.json`, await receipts.text());
  });
  after(async () => {
    await federation.close();
    await rm(folder, { recursive: true, force: true });
  });

  const readReceipts = async (): Promise<ReceiptFile> =>
    JSON.parse(await readFile(`${model}.receipts.json`, 'utf8')) as ReceiptFile;

  it('are countersigned by every counted site before the release is published', async () => {
    const { receipts } = await readReceipts();
    expect(receipts.map(({ receipt }) => receipt.round)).to.deep.equal([1, 2]);
    for (const { receipt, countersignatures } of receipts) {
      expect(receipt.counted.map(({ site }) => site)).to.deep.equal(['north', 'south']);
      expect(countersignatures.map(({ site }) => site)).to.deep.equal(['north', 'south']);
    }
    expect(receipts[1]!.receipt.base).to.equal(receipts[0]!.receipt.release);
  });

  it('prove a model offline, with the key that a site pinned or with none', async () => {
    const alone = await verify(model, {});
    expect(alone.text)
      .to.contain('release 2 of small')
      .and.contain('Every counted site confirmed every round.');
    expect(alone.text).to.contain('compare it with the key');
    expect((await verify(model, { home: federation.home('north') })).text).to.contain('this site pinned');
  });

  /** `verify` of another model, or with other receipts, or of another home: the refusal, or `holds`. */
  async function tried(change: { bytes?: Buffer; receipts?: string; home?: string }): Promise<string> {
    const [changed, receipts] = [join(folder, 'changed.safetensors'), join(folder, 'changed.json')];
    await writeFile(changed, change.bytes ?? (await readFile(model)));
    await writeFile(receipts, change.receipts ?? (await readFile(`${model}.receipts.json`)));
    const home = change.home === undefined ? {} : { home: change.home };
    return verify(changed, { receipts, ...home }).then(
      () => 'holds',
      (error: Error) => error.message,
    );
  }

  it('do not fit a model with any byte changed', async () => {
    const bytes = await readFile(model);
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, by) => {
        const changed = Buffer.from(bytes);
        changed[at] = changed[at]! ^ by;
        expect(await tried({ bytes: changed })).to.not.equal('holds');
      }),
      { numRuns: 100 },
    );
  });

  it('do not hold when one is changed, dropped, moved or signed by another', async () => {
    const altered = async (change: (file: ReceiptFile) => object): Promise<string> =>
      tried({ receipts: JSON.stringify(change(structuredClone(await readReceipts()))) });
    expect(await altered((file) => file)).to.equal('holds');
    const message = await altered((file) => ({ ...file, receipts: file.receipts.toReversed() }));
    expect(message).to.contain('The receipt of round 1 does not follow');
    expect(await altered((file) => ({ ...file, receipts: file.receipts.slice(1) }))).to.contain(
      'does not follow',
    );
    expect(await altered((file) => ({ ...file, receipts: file.receipts.slice(0, 1) }))).to.contain(
      'The receipt of round 2 is missing.',
    );
    const swapped = await altered((file) => {
      const [{ receipt }] = file.receipts as [ReceiptFile['receipts'][number]];
      receipt.counted.reverse();
      return file;
    });
    expect(swapped).to.contain('The receipt of round 1 does not name its sites once each and in order.');
    const borrowed = await altered((file) => {
      const [first, second] = file.receipts as [
        ReceiptFile['receipts'][number],
        ReceiptFile['receipts'][number],
      ];
      second.countersignatures = first.countersignatures;
      return file;
    });
    expect(borrowed).to.contain('The countersignature of north in round 2 does not hold.');
  });

  it('are confirmed by nobody but the counted sites: a signature with any other key is found', async () => {
    const file = await readReceipts();
    for (const { receipt, countersignatures } of file.receipts) {
      const { secretKey } = generateKeys().sign;
      for (const by of countersignatures) by.signature = countersign(receipt, secretKey);
    }
    const message = await tried({ receipts: JSON.stringify(file) });
    expect(message).to.contain('The countersignature of north in round 1 does not hold.');
  });

  it('are only as good as they are complete: a missing countersignature is an error, unless it is allowed', async () => {
    const file = await readReceipts();
    file.receipts[0]!.countersignatures.pop();
    const receipts = join(folder, 'unconfirmed.json');
    await writeFile(receipts, JSON.stringify(file));
    const refused = async (options: VerifyOptions): Promise<unknown> =>
      verify(model, { receipts, ...options }).catch((error: unknown) => error);
    expect(await refused({})).to.include({ code: 'RECEIPT_UNCONFIRMED' });
    expect((await refused({})) as Error)
      .to.have.property('message')
      .that.contains('which south did not confirm.');
    const north = { home: federation.home('north'), allowUnconfirmed: true };
    for (const options of [{ allowUnconfirmed: true }, north]) {
      const { text } = await verify(model, { receipts, ...options });
      expect(text).to.contain('Not confirmed by: south in round 1.');
    }
    // Its own countersignature a site does not do without.
    expect(await refused({ ...north, home: federation.home('south') })).to.include({
      code: 'RECEIPT_UNCONFIRMED',
    });
  });

  it('are not confirmed for a home that did not confirm them itself, whatever the file shows', async () => {
    const home = join(folder, 'forgetful');
    await cp(federation.home('north'), home, { recursive: true });
    await rm(join(home, 'records'), { recursive: true });
    const error = await verify(model, { home, allowUnconfirmed: true }).catch((cause: unknown) => cause);
    expect(error).to.include({ code: 'RECEIPT_UNCONFIRMED' });
    expect((error as Error).message).to.contain(
      'round 1, which counts this site, without a countersignature',
    );
  });
});
