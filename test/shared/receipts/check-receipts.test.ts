import { expect } from 'chai';
import fc from 'fast-check';
import { checkReceipts, type PinnedSigner } from '@fedoxnet/shared/receipts/check-receipts';
import {
  countersign,
  receiptFile,
  signReceipt,
  type CountedUpdate,
  type CountersignedReceipt,
  type Receipt,
  type ReceiptFile,
} from '@fedoxnet/shared/receipts/receipt';
import { announceKeys } from '@fedoxnet/shared/sealing/key-succession';
import { generateKeys, publicKeysOf, type SiteKeys } from '@fedoxnet/shared/sealing/keys';

const hex = (text: string): string => text.repeat(64);
const signKeyOf = (keys: SiteKeys): string => publicKeysOf(keys).signKey;
const SITES = new Map(['north', 'south', 'west'].map((site) => [site, generateKeys()]));
const [OLD, NEW, STRANGER] = [generateKeys(), generateKeys(), generateKeys()];
/** What round r released; 0 is the beginning. */
const RELEASES = [hex('0'), hex('1'), hex('2'), hex('3')];
const MODEL = { study: 'small', release: 3, digest: RELEASES[3]! };
const KNOWN: PinnedSigner = { signKey: signKeyOf(NEW), former: [signKeyOf(OLD)] };

/** An entry of `site` for its work of `round`, in the first attempt where nothing else is said. */
function entry(site: string, round: number, change: Partial<CountedUpdate> = {}): CountedUpdate {
  const signKey = signKeyOf(SITES.get(site)!);
  return { site, signKey, update: hex('a'), round, attempt: 1, base: RELEASES[round - 1]!, ...change };
}

function signed(
  round: number,
  counted: CountedUpdate[],
  { by = NEW, ...change }: Partial<Receipt> & { by?: SiteKeys } = {},
): CountersignedReceipt {
  const receipt: Receipt = {
    ...{ version: 2, study: 'small', planHash: hex('f'), round, attempt: 2 },
    ...{ base: RELEASES[round - 1]!, release: RELEASES[round]!, counted, ...change },
  };
  const countersignatures = counted.map(({ site }) => ({
    site,
    signature: countersign(receipt, SITES.get(site)!.sign.secretKey),
  }));
  return { ...signReceipt(receipt, by.sign.secretKey), countersignatures };
}

/** The coordinator's keys were replaced after round 1; west was late in round 1, and counted in round 2. */
function sample(): ReceiptFile {
  return {
    ...{ format: 'fedoxnet receipts', version: 2, study: 'small' },
    signKey: signKeyOf(NEW),
    succession: [announceKeys(OLD, NEW)],
    receipts: [
      signed(1, [entry('north', 1), entry('south', 1, { attempt: 2 })], { by: OLD }),
      signed(2, [entry('north', 2), entry('west', 1)]),
      signed(3, [entry('north', 3), entry('south', 3), entry('west', 3)]),
    ],
  };
}

/** Every fault; what the file does not say anything about is `holds`. */
function judged(file: ReceiptFile, pinned: PinnedSigner | null = null, model = MODEL): string[] {
  const { faults, unconfirmed } = checkReceipts(model, file, pinned);
  return [...faults, ...unconfirmed.map(({ round, site }) => `${site} did not confirm round ${round}`)];
}

/** Of the text of a file: what is found in it, also that it is no such file. */
function found(text: string): string[] {
  try {
    const parsed = receiptFile.safeParse(JSON.parse(text));
    return parsed.success ? judged(parsed.data) : ['no receipts'];
  } catch {
    return ['no JSON'];
  }
}

describe('a check of receipts', () => {
  it('holds for an earlier attempt, a carried update and a rotation of the coordinator, whatever key is known', () => {
    const keys = [null, KNOWN, { signKey: signKeyOf(OLD), former: [] }];
    for (const pinned of keys) expect(judged(sample(), pinned)).to.deep.equal([]);
    for (const release of [1, 2, 3]) {
      expect(judged(sample(), null, { ...MODEL, release, digest: RELEASES[release]! })).to.deep.equal([]);
    }
  });

  it('holds for a file from before the rotation by one who has followed it, and for no stranger', () => {
    const before = signKeyOf(OLD);
    const file = { ...sample(), signKey: before, succession: [], receipts: sample().receipts.slice(0, 1) };
    const model = { ...MODEL, release: 1, digest: RELEASES[1]! };
    expect(judged(file, KNOWN, model)).to.deep.equal([]);
    for (const former of [[], [signKeyOf(STRANGER)]]) {
      const faults = judged(file, { signKey: signKeyOf(NEW), former }, model);
      expect(faults[0]).to.contain('the known key of the coordinator');
    }
  });

  it('finds every byte of the file that is changed', () => {
    const text = JSON.stringify(sample());
    expect(found(text)).to.deep.equal([]);
    const bytes = Buffer.from(text);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const changed = Buffer.from(bytes);
        changed[at] = changed[at]! ^ by;
        expect(found(changed.toString())).to.not.deep.equal([]);
      }),
      { numRuns: 3000 },
    );
  });

  it('finds every entry that is dropped, doubled or moved', () => {
    /** The lists of a file: its receipts, and of each what it counted and who countersigned. */
    const lists = (file: ReceiptFile): unknown[][] => [
      file.receipts,
      ...file.receipts.flatMap(({ receipt, countersignatures }) => [receipt.counted, countersignatures]),
    ];
    lists(sample()).forEach(({ length }, which) => {
      for (let at = 0; at < length; at++) {
        for (let to = 0; to <= length; to++) {
          const changes: Record<string, (list: unknown[]) => void> = {
            dropped: (list) => list.splice(at, 1),
            doubled: (list) => list.splice(to, 0, list[at]),
            moved: (list) => list.splice(to, 0, ...list.splice(at, 1)),
          };
          for (const [what, change] of Object.entries(changes)) {
            if (what === 'moved' && (to === at || to >= length)) continue;
            const file = sample();
            change(lists(file)[which]!);
            expect(judged(file), `list ${which}: ${at} ${what} to ${to}`).to.not.deep.equal([]);
          }
        }
      }
    });
  });

  it('takes a countersignature of nobody but the key that the coordinator signed for', () => {
    const file = sample();
    for (const { receipt, countersignatures } of file.receipts) {
      for (const by of countersignatures) by.signature = countersign(receipt, generateKeys().sign.secretKey);
    }
    expect(judged(file)).to.have.length(7);
    expect(judged(file)[0]).to.equal('The countersignature of north in round 1 does not hold.');
  });

  it('says who did not confirm, up to the model’s round', () => {
    const file = sample();
    for (const { countersignatures } of file.receipts) countersignatures.pop();
    const model = { ...MODEL, release: 2, digest: RELEASES[2]! };
    expect(checkReceipts(model, file, null)).to.deep.equal({
      faults: [],
      unconfirmed: [
        { round: 1, site: 'south' },
        { round: 2, site: 'west' },
      ],
    });
  });

  const senseless: [string, CountersignedReceipt, string][] = [
    ['a site twice', signed(2, [entry('north', 2), entry('north', 2)]), 'once each and in order'],
    [
      'work of another attempt to come',
      signed(2, [entry('north', 2, { attempt: 3 }), entry('west', 1)]),
      'neither of',
    ],
    [
      'work of this round from another release',
      signed(2, [entry('north', 2, { base: hex('9') })]),
      'neither of',
    ],
    ['work of a later round', signed(2, [entry('north', 3)]), 'neither of'],
    [
      'carried work from another release',
      signed(2, [entry('west', 1, { base: hex('9') })]),
      'does not follow',
    ],
    [
      'carried work of a site that the round before counted',
      signed(2, [entry('south', 1)]),
      'does not follow',
    ],
  ];
  for (const [what, receipt, fault] of senseless) {
    it(`refuses ${what}, though the coordinator and the site signed it`, () => {
      const file = sample();
      file.receipts[1] = receipt;
      expect(judged(file).some((sentence) => sentence.includes(fault))).to.equal(true);
    });
  }
});
