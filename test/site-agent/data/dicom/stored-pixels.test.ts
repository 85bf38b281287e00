import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { parseDicomFile } from '@fedoxnet/site-agent/data/dicom/data-set';
import { DicomRefusal } from '@fedoxnet/site-agent/data/dicom/dicom-refusal';
import { readPixelFormat } from '@fedoxnet/site-agent/data/dicom/pixel-format';
import { decodeStoredPixels } from '@fedoxnet/site-agent/data/dicom/stored-pixels';
import { TRANSFER_SYNTAXES } from '@fedoxnet/site-agent/data/dicom/transfer-syntax';
import { dicomFile, pixelElements, type Element } from './dicom-file.js';
import { requirePrograms, runProgram } from './programs.js';
import { readRealFilm, realFilms, requireRealFilms } from './real-films.js';

async function decode(bytes: Uint8Array): Promise<Uint16Array> {
  const { dataSet, syntax } = parseDicomFile(bytes);
  return decodeStoredPixels(dataSet, syntax, readPixelFormat(dataSet));
}

async function refusal(bytes: Uint8Array): Promise<string> {
  try {
    await decode(bytes);
  } catch (error) {
    if (error instanceof DicomRefusal) return error.message;
    throw error;
  }
  return expect.fail('expected a refusal');
}

/** A wavy picture with noise: every predictor errs on it somewhere. */
function waves(columns: number, rows: number, most: number): number[] {
  return Array.from({ length: columns * rows }, (_, i) => {
    const [x, y] = [i % columns, Math.floor(i / columns)];
    const wave = Math.sin(x / 9) * Math.cos(y / 7) + ((x * 7919 + y * 104_729) % 31) / 62;
    return Math.round(((wave + 1) / 2.5) * most);
  });
}

describe('stored pixels', () => {
  describe('of real films', () => {
    before(function () {
      requireRealFilms(this);
    });

    it('are those that GDCM decoded, in every transfer syntax, lossy ones included', async () => {
      const seen = new Set<string>();
      for (const film of realFilms()) {
        const values = await decode(readRealFilm(film.file));
        const bytes =
          film.bits_allocated === '8'
            ? Uint8Array.from(values)
            : Buffer.from(values.buffer, 0, values.length * 2);
        const digest = createHash('sha256').update(bytes).digest('hex');
        expect(digest, film.file).to.equal(film.pixel_sha256);
        seen.add(film.transfer_syntax);
      }
      expect(seen.size).to.equal(11);
    });

    it('cut short, are refused or differ; they never end in another error', async () => {
      for (const film of realFilms()) {
        const bytes = readRealFilm(film.file);
        const cut = bytes.subarray(0, Math.floor(bytes.length * 0.6));
        await decode(cut).catch((error: unknown) => {
          expect(error, film.file).to.be.instanceOf(DicomRefusal);
        });
      }
    });
  });

  it('uncompressed: the stored bits of each sample, wherever they lie, signed ones as two’s complement', async () => {
    const size = { columns: 32, rows: 32 };
    const values = Array.from({ length: 1024 }, (_, i) => i - 512);
    const signed = pixelElements({ ...size, bitsAllocated: 16, bitsStored: 12, signed: true, values });
    expect([...(await decode(dicomFile(signed))).subarray(510, 514)]).to.deep.equal([4094, 4095, 0, 1]);
    const high = pixelElements({
      ...size,
      bitsAllocated: 16,
      bitsStored: 10,
      highBit: 15,
      values: values.map((value) => value + 512),
    });
    expect([...(await decode(dicomFile(high))).subarray(1020)]).to.deep.equal([1020, 1021, 1022, 1023]);
    const overlay = values.map((value) => (value & 0x0fff) | 0xf000); // an old overlay in the unused bits
    const dirty = pixelElements({ ...size, bitsAllocated: 16, bitsStored: 16, values: overlay }).map(
      (element): Element => (element[0] === '00280101' ? ['00280101', 'US', 12] : element),
    );
    dirty.push(['00280102', 'US', 11]);
    const clean = dirty.filter(([tag, , value]) => tag !== '00280102' || value === 11);
    expect([...(await decode(dicomFile(clean))).subarray(510, 514)]).to.deep.equal([4094, 4095, 0, 1]);
  });

  it('refuses what it does not read, and says why', async () => {
    const film = {
      columns: 32,
      rows: 32,
      bitsAllocated: 8,
      bitsStored: 8,
      values: new Uint8Array(1024),
    } as const;
    const base = pixelElements(film);
    const changed = (...changes: Element[]): Buffer =>
      dicomFile([...base.filter(([tag]) => !changes.some(([other]) => other === tag)), ...changes]);
    expect(await refusal(changed(['00280008', 'IS', '2']))).to.include('2 frames');
    expect(await refusal(changed(['00280010', 'US', 4]))).to.include('32×4 pixels');
    expect(await refusal(changed(['00280010', 'US', 65_000], ['00280011', 'US', 65_000]))).to.include(
      '65000×65000',
    );
    expect(await refusal(changed(['00280010', 'US', 33]))).to.include('1024 bytes, 1056 are needed');
    expect(await refusal(changed(['00280004', 'CS', 'PALETTE COLOR']))).to.include('PALETTE COLOR');
    expect(await refusal(changed(['00280100', 'US', 32]))).to.include('32 allocated bits');
    expect(await refusal(changed(['00280101', 'US', 9]))).to.include('9 bits');
    expect(await refusal(dicomFile(base, '1.2.840.10008.1.2.4.100'))).to.include(
      '1.2.840.10008.1.2.4.100 is not',
    );
    expect(await refusal(dicomFile(base, 'Doe^Jane'))).to.not.include('Doe');
    expect(await refusal(dicomFile(base.filter(([tag]) => tag !== '7FE00010')))).to.include('no pixel data');
    expect(await refusal(Buffer.from('not a film'))).to.include('does not begin like a DICOM file');
  });

  describe('coded by dcmtk and gdcm', () => {
    let folder: string;
    const at = (name: string): string => join(folder, name);
    before(function () {
      requirePrograms(this, 'dcmcjpeg', 'dcmcrle', 'dcmconv', 'gdcmconv');
      folder = mkdtempSync(join(tmpdir(), 'fedoxnet-codecs-'));
    });
    after(() => {
      if (folder !== undefined) rmSync(folder, { recursive: true });
    });

    const CODERS: readonly (readonly [name: string, program: string, ...args: string[]])[] = [
      ...[1, 2, 3, 4, 5, 6, 7].map(
        (selection) =>
          [`lossless JPEG, predictor ${selection}`, 'dcmcjpeg', '+el', '+sv', `${selection}`] as const,
      ),
      ['lossless JPEG with a point transform of no bit', 'dcmcjpeg', '+e1', '+pt', '0'],
      ['RLE', 'dcmcrle'],
      ['Explicit VR Big Endian', 'dcmconv', '+tb'],
      ['Implicit VR', 'dcmconv', '+ti'],
      ['Deflated', 'dcmconv', '+td'],
      ['JPEG 2000', 'gdcmconv', '--j2k'],
      ['JPEG-LS', 'gdcmconv', '--jpegls'],
    ];
    for (const [name, program, ...args] of CODERS) {
      it(`${name}: 12 bits come back as they were`, async () => {
        const values = waves(77, 53, 4095);
        const film = pixelElements({ columns: 77, rows: 53, bitsAllocated: 16, bitsStored: 12, values });
        const identity: Element[] = [
          ['00080016', 'UI', '1.2.840.10008.5.1.4.1.1.1'],
          ['00080018', 'UI', '2.25.1'],
          ['0020000D', 'UI', '2.25.2'],
          ['0020000E', 'UI', '2.25.3'],
        ];
        writeFileSync(at('plain.dcm'), dicomFile([...identity, ...film]));
        runProgram(program, ...args, at('plain.dcm'), at('coded.dcm'));
        expect([...(await decode(readFileSync(at('coded.dcm'))))]).to.deep.equal(values);
      });
    }
  });

  it('has one entry per transfer syntax', () => {
    const uids = TRANSFER_SYNTAXES.map(({ uid }) => uid);
    expect(new Set(uids).size).to.equal(uids.length);
  });
});
