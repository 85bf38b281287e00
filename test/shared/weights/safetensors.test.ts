import { expect } from 'chai';
import fc from 'fast-check';
import {
  decodeSafetensors,
  encodeSafetensors,
  SafetensorsStream,
} from '@fedoxnet/shared/weights/safetensors';
import {
  MAX_HEADER_BYTES,
  parseSafetensorsHeader,
  safetensorsHeader,
} from '@fedoxnet/shared/weights/safetensors-header';
import type { WeightMap } from '@fedoxnet/shared/weights/weight-map';
import { askPython, readVector, whyNoPython } from '../python-peer.js';
import { skipBecause } from '../../support/skip-because.js';
import { expectRefusal } from '../refusal.js';

function weightsOf(tensors: Record<string, { shape: number[]; values: number[] }>): WeightMap {
  return new Map(
    Object.entries(tensors).map(([name, { shape, values }]) => [
      name,
      { shape, values: Float32Array.from(values) },
    ]),
  );
}

/** A file with this header and data, whatever they say. */
function fileOf(header: unknown, data: Uint8Array): Uint8Array {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, data]);
}

const f32 = (shape: number[], begin: number, end: number) => ({
  dtype: 'F32',
  shape,
  data_offsets: [begin, end],
});

/** Reads `file` in pieces; every value is put where the stream says it belongs. */
function streamed(file: Uint8Array, cuts: readonly number[], finite = false): WeightMap {
  const weights = new Map<string, { shape: readonly number[]; values: Float32Array }>();
  const stream = new SafetensorsStream(
    {
      onHeader(shapes) {
        for (const [name, shape] of shapes) {
          weights.set(name, {
            shape,
            values: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(NaN),
          });
        }
      },
      onValues(name, offset, values) {
        weights.get(name)?.values.set(values, offset);
      },
    },
    { finite },
  );
  const edges = [0, ...[...cuts].sort((a, b) => a - b), file.length];
  edges.slice(1).forEach((end, index) => stream.push(file.slice(edges[index], end)));
  stream.end();
  return weights;
}

const plain = (weights: WeightMap) =>
  [...weights].map(([name, { shape, values }]) => [name, [...shape], [...values]]);

describe('safetensors', () => {
  it('writes length, header padded to 8 bytes, and little-endian float32', () => {
    const file = encodeSafetensors(weightsOf({ a: { shape: [2], values: [1, -2] } }), {});
    const json = '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}'; // 54 characters, padded to 56
    expect(Buffer.from(file).toString('latin1')).to.equal(
      `\x38\0\0\0\0\0\0\0${json}  ` + '\0\0\x80\x3f' + '\0\0\0\xc0',
    );
  });

  it('keeps the order of the tensors, even of names that look like numbers', () => {
    const weights: WeightMap = new Map([
      ['10', { shape: [], values: Float32Array.of(1) }],
      ['2', { shape: [1, 2], values: Float32Array.of(2, 3) }],
      ['empty', { shape: [0, 4], values: new Float32Array() }],
      ['b', { shape: [1], values: Float32Array.of(4) }],
    ]);
    const back = decodeSafetensors(encodeSafetensors(weights, { roles: '{"ü":1}' }));
    expect(plain(back.weights)).to.deep.equal(plain(weights));
    expect(back.metadata).to.deep.equal({ roles: '{"ü":1}' });
  });

  it('lets a writer send the header alone and the values behind it', () => {
    const weights = weightsOf({ a: { shape: [2], values: [1, 2] }, b: { shape: [1], values: [3] } });
    const header = safetensorsHeader(new Map([...weights].map(([name, { shape }]) => [name, shape])), {
      study: 's',
    });
    const values = Buffer.from(Float32Array.of(1, 2, 3).buffer);
    expect(Buffer.concat([header, values])).to.deep.equal(encodeSafetensors(weights, { study: 's' }));
    expect(parseSafetensorsHeader(header)).to.include({ dataStart: header.length, dataBytes: 12 });
  });

  it('refuses to write values that do not fill their shape', () => {
    const wrong = weightsOf({ a: { shape: [2, 2], values: [1, 2, 3] } });
    expectRefusal(() => encodeSafetensors(wrong, {}), 'WEIGHTS_INVALID', 'Tensor a');
  });

  const bytes = (n: number) => Buffer.alloc(n);
  const refused: [string, Uint8Array, string][] = [
    ['no header length', bytes(7), 'ends inside its header'],
    ['a header cut short', fileOf('{}', bytes(0)).subarray(0, 9), 'ends inside its header'],
    ['a header length of 2^63', Buffer.concat([bytes(7), Buffer.of(0x80), bytes(8)]), 'claims'],
    ['a header that is not JSON', fileOf('{"a":', bytes(0)), 'not JSON'],
    ['a header that is a list', fileOf('[1]', bytes(0)), 'not a JSON object'],
    ['a header with a space first', fileOf(' {}', bytes(0)), 'not a JSON object'],
    ['metadata that is not text', fileOf({ __metadata__: { a: 1 } }, bytes(0)), '__metadata__'],
    ['double precision', fileOf({ a: { ...f32([1], 0, 8), dtype: 'F64' } }, bytes(8)), 'Tensor a: dtype'],
    ['a negative side', fileOf({ a: f32([-1], 0, 4) }, bytes(4)), 'Tensor a: shape'],
    ['a shape that does not fit', fileOf({ a: f32([3], 0, 8) }, bytes(8)), 'Tensor a has offsets'],
    ['a shape beyond any file', fileOf({ a: f32([2 ** 40, 2 ** 40], 0, 4) }, bytes(4)), 'Tensor a'],
    ['a gap', fileOf({ a: f32([1], 0, 4), b: f32([1], 8, 12) }, bytes(12)), 'Tensor b begins at byte 8'],
    ['an overlap', fileOf({ a: f32([2], 0, 8), b: f32([1], 4, 8) }, bytes(8)), 'Tensor b begins at byte 4'],
    ['a file cut short', fileOf({ a: f32([2], 0, 8) }, bytes(7)), 'describes'],
    ['trailing bytes', fileOf({ a: f32([2], 0, 8) }, bytes(9)), 'describes'],
  ];
  for (const [what, file, message] of refused) {
    it(`refuses ${what}`, () => {
      expectRefusal(() => decodeSafetensors(file), 'WEIGHTS_INVALID', message);
      expectRefusal(() => streamed(file, []), 'WEIGHTS_INVALID', '');
    });
  }

  it('bounds the header on both sides of the limit', () => {
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(MAX_HEADER_BYTES));
    expectRefusal(() => parseSafetensorsHeader(length), 'WEIGHTS_INVALID', 'ends inside');
    length.writeBigUInt64LE(BigInt(MAX_HEADER_BYTES + 1));
    expectRefusal(() => parseSafetensorsHeader(length), 'WEIGHTS_INVALID', 'claims');
  });
});

describe('SafetensorsStream', () => {
  it('reads the same from any pieces as from the whole (property)', () => {
    const tensor = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }).chain((shape) =>
      fc
        .float32Array({
          minLength: shape.reduce((a, b) => a * b, 1),
          maxLength: shape.reduce((a, b) => a * b, 1),
          noNaN: true,
        })
        .map((values) => ({ shape, values })),
    );
    const model = fc
      .array(tensor, { maxLength: 6 })
      .map((list): WeightMap => new Map(list.map((entry, index) => [`t${index}`, entry])));
    fc.assert(
      fc.property(
        model,
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 }),
        (weights, cuts) => {
          const file = encodeSafetensors(weights, { note: 'ä' });
          const read = streamed(
            file,
            cuts.map((cut) => Math.floor(cut * file.length)),
          );
          expect(plain(read)).to.deep.equal(plain(weights));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('reads a file that comes byte by byte', () => {
    const weights = weightsOf({ a: { shape: [2], values: [1, 2] }, b: { shape: [3], values: [3, 4, 5] } });
    const file = encodeSafetensors(weights, {});
    const everywhere = Array.from(file, (_, index) => index);
    expect(plain(streamed(file, everywhere))).to.deep.equal(plain(weights));
  });

  it('names the tensor in which the file ends', () => {
    const weights = weightsOf({ a: { shape: [2], values: [1, 2] }, b: { shape: [2], values: [3, 4] } });
    const file = encodeSafetensors(weights, {});
    expectRefusal(() => streamed(file.subarray(0, -1), []), 'WEIGHTS_INVALID', 'inside tensor b');
    expectRefusal(() => streamed(file.subarray(0, -9), []), 'WEIGHTS_INVALID', 'inside tensor a');
  });

  it('refuses numbers that are not finite only when asked to', () => {
    const file = encodeSafetensors(
      weightsOf({ ok: { shape: [1], values: [1] }, bad: { shape: [1], values: [Infinity] } }),
      {},
    );
    expect(streamed(file, []).get('bad')?.values[0]).to.equal(Infinity);
    expectRefusal(() => streamed(file, [], true), 'WEIGHTS_INVALID', 'Tensor bad');
  });
});

describe('safetensors and the Python library', () => {
  interface Vector {
    file: string;
    metadata: Record<string, string>;
    tensors: Record<string, { shape: number[]; values: number[] }>;
  }
  const vector = readVector('safetensors.json') as Vector;

  it('reads what the library wrote, and writes the same bytes', () => {
    const file = Buffer.from(vector.file, 'base64');
    const { weights, metadata } = decodeSafetensors(file);
    expect(metadata).to.deep.equal(vector.metadata);
    expect(plain(weights)).to.deep.equal(plain(weightsOf(vector.tensors)));
    expect(Buffer.from(encodeSafetensors(weights, metadata))).to.deep.equal(file);
  });

  it('is read by the library', function () {
    const reason = whyNoPython(['numpy', 'safetensors']);
    if (reason !== null) skipBecause(this, `stored vectors alone, because ${reason}`);
    const tensors = {
      'z.kernel': { shape: [1, 2], values: [0.1, -7] },
      'a.bias': { shape: [1], values: [3] },
    };
    const file = encodeSafetensors(weightsOf(tensors), { roles: '{}' });
    const read = askPython('safetensors_peer.py', 'read', { file: Buffer.from(file).toString('base64') });
    expect(read).to.deep.equal({
      metadata: { roles: '{}' },
      tensors: {
        'z.kernel': { shape: [1, 2], dtype: 'F32', values: [Math.fround(0.1), -7] },
        'a.bias': { shape: [1], dtype: 'F32', values: [3] },
      },
    });
    expect(askPython('safetensors_peer.py', 'make')).to.deep.equal(vector);
  });
});
