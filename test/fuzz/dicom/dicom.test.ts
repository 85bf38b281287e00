import { randomInt } from 'node:crypto';
import { expect } from 'chai';
import { realFilms, readRealFilm, requireRealFilms } from '../../site-agent/data/dicom/real-films.js';
import { fuzzFilms } from './fuzz-films.js';

/** FEDOXNET_FUZZ_FILMS=5000 for the whole run, FEDOXNET_FUZZ_SEED to repeat one. */
const FILES = Number(process.env['FEDOXNET_FUZZ_FILMS'] ?? 60);
const SEED = Number(process.env['FEDOXNET_FUZZ_SEED'] ?? randomInt(2 ** 31));
const MB_LIMIT = 1000;

describe('damaged DICOM films', function () {
  this.timeout(0);
  before(function () {
    requireRealFilms(this);
  });

  it(`${FILES} of them, seed ${SEED}: each is decoded or refused with a reason, in bounded time and memory`, async () => {
    const originals = realFilms().map(({ file }) => readRealFilm(file));
    const say = FILES > 500;
    const report = await fuzzFilms(originals, { seed: SEED, files: FILES }, (done) => {
      if (say && done % 250 === 0) process.stderr.write(`${done} of ${FILES} films\n`);
    });
    if (say) process.stderr.write(`${JSON.stringify(report, null, 1)}\n`);
    expect(report.defects).to.deep.equal([]);
    expect(report.decoded + report.refused + report.timedOut).to.equal(FILES);
    expect(report.peakGrowthMb).to.be.below(MB_LIMIT);
  });
});
