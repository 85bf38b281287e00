import { expect } from 'chai';
import { decodeChecks } from '@fedoxnet/site-agent/check/decode-checks';
import { runChecks } from '@fedoxnet/site-agent/check/run-checks';
import { sampleFilm } from '@fedoxnet/site-agent/check/sample-film';
import { CODED_SAMPLES } from '@fedoxnet/site-agent/check/syntax-samples';
import { TRANSFER_SYNTAXES } from '@fedoxnet/site-agent/data/dicom/transfer-syntax';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { scratchFolder } from '../agent/support/scratch.js';
import { requirePrograms, runProgram } from '../data/dicom/programs.js';

describe('check of decoding', () => {
  const folder = scratchFolder();

  it('has a line for each transfer syntax, and all pass here', async () => {
    const lines = await runChecks(decodeChecks());
    expect(lines.map(({ name }) => name)).to.deep.equal(TRANSFER_SYNTAXES.map(({ uid }) => `decode-${uid}`));
    expect(lines.filter(({ state }) => state !== 'passed')).to.deep.equal([]);
  });

  it('has a coded sample for each syntax that codes pixels, exact where nothing is lost', () => {
    const coded = TRANSFER_SYNTAXES.filter(({ coding }) => coding !== 'native').map(({ uid }) => uid);
    expect([...CODED_SAMPLES.keys()].sort()).to.deep.equal(coded.sort());
    const lossy = ['1.2.840.10008.1.2.4.51', '1.2.840.10008.1.2.4.81', '1.2.840.10008.1.2.4.91'];
    for (const [uid, { tolerance }] of CODED_SAMPLES)
      expect(tolerance === 0, uid).to.equal(!lossy.includes(uid));
  });

  it('is made with files that other programs read', async function () {
    requirePrograms(this, 'dcmdump');
    for (const { uid } of TRANSFER_SYNTAXES) {
      const path = join(folder(), `${uid}.dcm`);
      await writeFile(path, sampleFilm(uid));
      expect(runProgram('dcmdump', '--print-short', path), uid).to.match(/\(0028,0010\) US 32\b/);
    }
  });
});
