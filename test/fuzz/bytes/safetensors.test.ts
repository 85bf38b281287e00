import { expect } from 'chai';
import { FederationError } from '@fedoxnet/shared/errors';
import {
  decodeSafetensors,
  encodeSafetensors,
  SafetensorsStream,
} from '@fedoxnet/shared/weights/safetensors';
import { parseSafetensorsHeader, safetensorsHeaderOf } from '@fedoxnet/shared/weights/safetensors-header';
import { Dice } from '../dice.js';
import { FUZZ_SEED, fuzzCount, sayProgress } from '../fuzz-size.js';
import { BranchCoverage } from './branch-coverage.js';
import { mutateBytes } from './mutate-bytes.js';

const COUNT = fuzzCount('FEDOXNET_FUZZ_BYTES', 6400);
const BATCH = 100;
/** Longer files only take longer. */
const MAX_BYTES = 2000;
const FILES = ['safetensors', 'safetensors-header', 'dtype'].map((name) =>
  import.meta.resolve(`@fedoxnet/shared/weights/${name}`),
);

const values = (...numbers: number[]) => Float32Array.from(numbers);
const SEEDS: readonly Uint8Array[] = [
  encodeSafetensors(new Map([['a', { shape: [2, 2], values: values(1, -2, 0.5, 3e38) }]]), {}),
  encodeSafetensors(
    new Map([
      ['b.weight', { shape: [3], values: values(1, NaN, -0) }],
      ['7', { shape: [], values: values(5) }],
      ['empty', { shape: [0, 4], values: values() }],
    ]),
    { roles: '{"b.weight":"é"}', study: 'x' },
  ),
  Buffer.concat([
    safetensorsHeaderOf(
      [
        { name: 'scales', dtype: 'F32', shape: [1] },
        { name: 'half', dtype: 'F16', shape: [2] },
        { name: 'codes', dtype: 'I8', shape: [4] },
      ],
      {},
    ),
    Buffer.from([0, 0, 128, 63, 0, 60, 255, 123, 1, 255, 127, 128]),
  ]),
];

/** What a file says, in a form in which every bit of it can be compared; or how it is refused. */
function read(file: Uint8Array): string {
  const { weights, metadata } = decodeSafetensors(file);
  return described(
    [...weights].map(([name, { shape, values: numbers }]) => [name, shape, bits(numbers)]),
    metadata,
  );
}

function readAsStream(file: Uint8Array): string {
  const found = new Map<string, { shape: readonly number[]; pieces: string }>();
  let said: unknown = null;
  const stream = new SafetensorsStream({
    onHeader: (shapes, metadata) => {
      said = metadata;
      for (const [name, shape] of shapes) found.set(name, { shape, pieces: '' });
    },
    onValues: (name, offset, numbers) => {
      const tensor = found.get(name);
      expect(offset, `offset in ${name}`).to.equal((tensor?.pieces.length ?? NaN) / 8);
      if (tensor !== undefined) tensor.pieces += bits(numbers);
    },
  });
  for (let at = 0, length = 1; at < file.length; at += length, length = (length * 5 + 2) % 61) {
    stream.push(file.subarray(at, at + length));
  }
  stream.end();
  return described(
    [...found].map(([name, { shape, pieces }]) => [name, shape, pieces]),
    said,
  );
}

const bits = (numbers: Float32Array): string =>
  Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength).toString('hex');
const described = (
  tensors: readonly (readonly [string, readonly number[], string])[],
  metadata: unknown,
): string => JSON.stringify([tensors, Object.entries(metadata as object).sort()]);

/** Null for a refusal by name; anything else that is thrown is a fault of ours. */
function orRefused(parse: () => string): string | null {
  try {
    return parse();
  } catch (error) {
    if (error instanceof FederationError && error.code === 'WEIGHTS_INVALID') return null;
    throw error;
  }
}

describe('damaged safetensors files', function () {
  this.timeout(0);

  it(`${COUNT} of them, seed ${FUZZ_SEED}: read whole, as a stream and written again they say the same, or are refused`, () => {
    const dice = new Dice(FUZZ_SEED);
    const coverage = new BranchCoverage(FILES);
    const corpus = [...SEEDS];
    let [taken, refused] = [0, 0];
    const look = (file: Uint8Array): void => {
      const whole = orRefused(() => read(file));
      orRefused(() => JSON.stringify([...parseSafetensorsHeader(file, { anyDtype: true }).tensors]));
      expect(
        orRefused(() => readAsStream(file)),
        'as a stream',
      ).to.equal(whole);
      if (whole === null) {
        refused += 1;
        return;
      }
      taken += 1;
      const { weights, metadata } = decodeSafetensors(file);
      expect(read(encodeSafetensors(weights, metadata)), 'written again').to.equal(whole);
    };
    const told = (file: Uint8Array): void => {
      try {
        look(file);
      } catch (error) {
        throw new Error(`the file ${Buffer.from(file).toString('base64')}`, { cause: error });
      }
    };
    try {
      coverage.freshBy(() => SEEDS.forEach(told), true);
      for (let done = 0; done < COUNT; done += BATCH) {
        const batch = Array.from({ length: BATCH }, () =>
          mutateBytes(dice.pick(dice.below(2) === 0 ? SEEDS : corpus), dice).subarray(0, MAX_BYTES),
        );
        if (coverage.freshBy(() => batch.forEach(told), false) > 0) {
          // One by one: what reaches code that nothing reached before is damaged further.
          for (const file of batch) if (coverage.freshBy(() => told(file), true) > 0) corpus.push(file);
        }
        sayProgress('files', done, COUNT, 100_000);
      }
    } finally {
      coverage.close();
    }
    expect(taken, 'taken').to.be.above(COUNT / 100);
    expect(refused, 'refused').to.be.above(COUNT / 4);
    expect(corpus.length, 'kept because they reached something new').to.be.above(SEEDS.length);
    if (COUNT > 10_000) process.stderr.write(`${taken} taken, ${refused} refused, ${corpus.length} kept\n`);
  });
});
