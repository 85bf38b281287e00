import { crc32c, maskedCrc32c } from '#simulate/results/tensorboard/crc32c';
import { eventFile, eventFileName } from '#simulate/results/tensorboard/event-file';
import { expect } from 'chai';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { askPython, whyNoPython } from '../../../../shared/python-peer.js';
import { skipBecause } from '../../../../support/skip-because.js';

describe('TensorBoard event file', () => {
  it('has the CRC-32C of RFC 3720, appendix B.4', () => {
    expect(crc32c(new Uint8Array(32))).to.equal(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(0xff))).to.equal(0x62a8ab43);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, byte) => byte))).to.equal(0x46dd794e);
    expect(crc32c(Buffer.from('123456789'))).to.equal(0xe3069283);
  });

  it('masks a CRC by a turn and a sum', () => {
    // 0xe3069283 turned right by 15 bits is 0x2507c60d; and 0xa282ead8 more is 0xc78ab0e5.
    expect(maskedCrc32c(Buffer.from('123456789'))).to.equal(0xc78ab0e5);
  });

  it('is laid out as records of events', () => {
    const bytes = eventFile([{ tag: 't', step: 300, value: 0.5 }], 2);
    // wall_time 2 (9 bytes), step 0 (2), version (15): 26 bytes between length and CRCs.
    expect(bytes.readBigUInt64LE(0)).to.equal(26n);
    expect(bytes.readDoubleLE(13)).to.equal(2);
    expect(bytes.subarray(25, 38).toString()).to.equal('brain.Event:2');
    const second = bytes.subarray(26 + 16);
    // step 300 is the varint ac 02; summary { value { tag: "t", simple_value: 0.5 } }.
    expect(
      second
        .subarray(12 + 9)
        .subarray(0, 15)
        .toString('hex'),
    ).to.equal('10ac022a0a0a080a0174150000003f');
    expect(second.length).to.equal(12 + 9 + 15 + 4);
  });

  it('is read by TensorBoard', async function () {
    const why = whyNoPython(['tensorboard']);
    if (why !== null) skipBecause(this, why);
    const scalars = [
      { tag: 'ap40/mean', step: 1, value: 0.25 },
      { tag: 'ap40/mean', step: 200, value: 0.5 },
      { tag: 'loss/focal/clinic-1', step: 70_000, value: -3 },
    ];
    const folder = await mkdtemp(join(tmpdir(), 'events-'));
    try {
      await writeFile(join(folder, eventFileName(1_700_000_000, 'here')), eventFile(scalars, 1_700_000_000));
      expect(askPython('tensorboard_peer.py', 'scalars', folder)).to.deep.equal({
        'ap40/mean': [
          [1_700_000_000, 1, 0.25],
          [1_700_000_000, 200, 0.5],
        ],
        'loss/focal/clinic-1': [[1_700_000_000, 70_000, -3]],
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
