import { createHash } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import { UpdateCheck } from '@fedoxnet/coordinator/uploads/update-check';
import type { FederationError } from '@fedoxnet/shared/errors';
import type { UpdateHeader } from '@fedoxnet/shared/sealing/header';
import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import { encodeSafetensors } from '@fedoxnet/shared/weights/safetensors';
import type { UpdateMasses } from '@fedoxnet/shared/weights/roles';
import type { WeightMap } from '@fedoxnet/shared/weights/weight-map';
import { planFor, weights } from '../study-of-three-tensors.js';

const MASSES: UpdateMasses = {
  films: 1,
  positives: 1,
  classRows: [1, 1],
  globalRows: [1, 1],
  prototypeRows: [1, 1],
};
const SHAPES = new Map(
  [...weights([0, 0], [0, 0], [0, 0, 0, 0])].map(([name, { shape }]) => [name, shape] as const),
);

/** The code with which a file is refused, or `taken`; cut into pieces of `size` bytes. */
function tried(
  file: Uint8Array,
  {
    plan = {},
    header = {},
    size = 64,
  }: { plan?: Partial<StudyPlan>; header?: Partial<UpdateHeader>; size?: number },
): string {
  const digest = createHash('sha256').update(file).digest('hex');
  const expected = {
    header: { site: 'north', round: 1, encoding: 'fp32', masses: MASSES, digest, ...header } as UpdateHeader,
    plan: planFor('s', ['north'], plan),
    shapes: SHAPES,
  };
  try {
    const check = new UpdateCheck(expected);
    for (let at = 0; at < file.length; at += size) check.push(file.slice(at, at + size));
    check.end();
    return 'taken';
  } catch (error) {
    return (error as FederationError).code;
  }
}
const file = (update: WeightMap): Uint8Array => encodeSafetensors(update, {});
const limited = (maxNorm: number): { plan: Partial<StudyPlan> } => ({
  plan: {
    transfer: {
      update: 'fp32',
      scales: 'tensor',
      rounding: 'nearest',
      errorFeedback: false,
      keepUploads: false,
      maxNorm,
    },
  },
});

describe('the look at an update', () => {
  it('takes what fits, cut into any pieces', () => {
    const good = file(weights([1, 2], [3, 4], [5, 6, 7, 8]));
    for (const size of [8, 16, 1000]) expect(tried(good, { size })).to.equal('taken');
  });

  it('refuses a number that is not finite, wherever it stands', () => {
    const places = fc.integer({ min: 0, max: 7 });
    const bad = fc.constantFrom(NaN, Infinity, -Infinity);
    fc.assert(
      fc.property(places, bad, (place, value) => {
        const numbers = [1, 2, 3, 4, 5, 6, 7, 8];
        numbers[place] = value;
        const [a, b, c, d, ...rest] = numbers as [number, number, number, number, ...number[]];
        expect(tried(file(weights([a, b], [c, d], rest)), {})).to.equal('WEIGHTS_INVALID');
      }),
    );
  });

  it('holds the norm of the whole against the plan, to the last number', () => {
    // 3² + 4² + 12² + 84² = 85², over three tensors
    const update = file(weights([3, 0], [4, 0], [12, 0, 0, 84]));
    expect(tried(update, limited(85))).to.equal('taken');
    expect(tried(update, limited(84.999))).to.equal('UPDATE_TOO_LONG');
    expect(tried(file(weights([3e38, 3e38], [0, 0], [0, 0, 0, 0])), limited(1e30))).to.equal(
      'UPDATE_TOO_LONG',
    );
  });

  it('refuses other tensors, other shapes, another order, and one too many or too few', () => {
    const good = [...weights([1, 2], [3, 4], [5, 6, 7, 8])];
    const [first, second, third] = good as [
      (typeof good)[number],
      (typeof good)[number],
      (typeof good)[number],
    ];
    const of = (...entries: typeof good): string => tried(file(new Map(entries)), {});
    expect(of(first, second, third)).to.equal('taken');
    expect(of(first, second)).to.equal('WEIGHTS_INVALID');
    expect(of(second, first, third)).to.equal('WEIGHTS_INVALID');
    expect(of(first, second, third, ['zzz', first[1]])).to.equal('WEIGHTS_INVALID');
    expect(of(first, second, ['prototypez', third[1]])).to.equal('WEIGHTS_INVALID');
    expect(of(first, second, ['prototypes', { ...third[1], shape: [4, 1] }])).to.equal('WEIGHTS_INVALID');
    expect(of(first, second, ['prototypes', { shape: [1], values: new Float32Array(1) }])).to.equal(
      'WEIGHTS_INVALID',
    );
  });

  it('refuses a file that was cut, that goes on, or whose digest is another', () => {
    const good = file(weights([1, 2], [3, 4], [5, 6, 7, 8]));
    expect(tried(good.subarray(0, good.length - 4), {})).to.equal('WEIGHTS_INVALID');
    expect(tried(new Uint8Array([...good, 0, 0, 0, 0]), {})).to.equal('WEIGHTS_INVALID');
    expect(tried(good, { header: { digest: '0'.repeat(64) } })).to.equal('UPLOAD_MISMATCH');
  });

  it('refuses numbers in another format than the plan’s', () => {
    const good = file(weights([1, 2], [3, 4], [5, 6, 7, 8]));
    expect(tried(good, { header: { encoding: 'fp16' } })).to.equal('WEIGHTS_INVALID');
    expect(tried(good, { header: { encoding: 'int8' } })).to.equal('WEIGHTS_INVALID');
  });

  it('refuses masses that no round of the plan could give, before it looks at anything', () => {
    const good = file(weights([1, 2], [3, 4], [5, 6, 7, 8]));
    const masses = { ...MASSES, films: 1e9 };
    expect(tried(good, { header: { masses } })).to.equal('WEIGHTS_INVALID');
  });

  it('refuses any bytes without ending in anything but a refusal', () => {
    const good = file(weights([1, 2], [3, 4], [5, 6, 7, 8]));
    const changes = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(changes, (edits) => {
        const changed = Uint8Array.from(good);
        for (const [at, value] of edits) changed[at] = value;
        const result = tried(changed, {
          header: { digest: createHash('sha256').update(good).digest('hex') },
        });
        const isSame = Buffer.from(changed).equals(Buffer.from(good));
        expect(['WEIGHTS_INVALID', 'UPDATE_TOO_LONG', 'UPLOAD_MISMATCH', 'TOO_LARGE']).to.include(
          isSame ? 'WEIGHTS_INVALID' : result,
        );
      }),
      { numRuns: 500 },
    );
  });
});
