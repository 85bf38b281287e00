import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { readTensorFile } from '@fedoxnet/site-agent/pretrained/tensor-file';
import { rejection } from '../../support/rejection.js';

/** A safetensors file written by hand. */
function fileOf(header: object, data: Buffer): Buffer {
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, data]);
}

const HEADER = {
  __metadata__: { format: 'pt' },
  half: { dtype: 'F16', shape: [1, 2], data_offsets: [0, 4] },
  counter: { dtype: 'I64', shape: [], data_offsets: [4, 12] },
  bad: { dtype: 'F32', shape: [1], data_offsets: [12, 16] },
};
const DATA = Buffer.alloc(16);
DATA.writeUInt16LE(0x3c00, 0);
DATA.writeUInt16LE(0xc000, 2);
DATA.writeFloatLE(NaN, 12);

describe('readTensorFile', () => {
  let folder: string;
  const at = (name: string) => join(folder, name);
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fedoxnet-tensors-'));
    await writeFile(at('sound.safetensors'), fileOf(HEADER, DATA));
    await writeFile(at('cut.safetensors'), fileOf(HEADER, DATA.subarray(0, 15)));
    await writeFile(at('weights.pth'), Buffer.from('PK\x03\x04 a pickle, not safetensors'));
    await writeFile(at('empty.safetensors'), '');
  });
  after(() => rm(folder, { recursive: true }));

  it('reads half precision as float32, beside tensors that are no real numbers', async () => {
    const file = await readTensorFile(at('sound.safetensors'));
    expect([...file.shapes]).to.deep.equal([
      ['half', [1, 2]],
      ['counter', []],
      ['bad', [1]],
    ]);
    expect(file.tensor('half')).to.deep.equal({ shape: [1, 2], values: Float32Array.of(1, -2) });
    expect(() => file.tensor('counter')).to.throw('sound.safetensors: counter is I64');
    expect(() => file.tensor('bad')).to.throw('sound.safetensors: bad holds a number that is not finite.');
    expect(() => file.tensor('none')).to.throw('sound.safetensors lacks none.');
  });

  for (const [name, code, reason] of [
    ['cut.safetensors', 'WEIGHTS_INVALID', 'its header describes'],
    ['weights.pth', 'WEIGHTS_INVALID', 'not a sound safetensors file'],
    ['empty.safetensors', 'WEIGHTS_INVALID', 'ends inside its header'],
    ['absent.safetensors', 'DATA_MISSING', 'cannot be read'],
  ] as const) {
    it(`refuses ${name} by its name`, async () => {
      const error = await rejection(readTensorFile(at(name)));
      expect(error.code).to.equal(code);
      expect(error.message).to.contain(name).and.contain(reason).and.not.contain('\n');
    });
  }
});
