import { expect } from 'chai';
import { realFilms, readRealFilm, requireRealFilms } from '../../site-agent/data/dicom/real-films.js';
import { FUZZ_SEED, fuzzCount, sayProgress } from '../fuzz-size.js';
import { fuzzFilms } from './fuzz-films.js';

const FILES = fuzzCount('FEDOXNET_FUZZ_FILMS', 60);
const MB_LIMIT = 1000;

describe('damaged DICOM films', function () {
  this.timeout(0);
  before(function () {
    requireRealFilms(this);
  });

  it(`${FILES} of them, seed ${FUZZ_SEED}: each is decoded or refused with a reason, in bounded time and memory`, async () => {
    const originals = realFilms().map(({ file }) => readRealFilm(file));
    const say = FILES > 500;
    const report = await fuzzFilms(originals, { seed: FUZZ_SEED, files: FILES }, (done) =>
      sayProgress('films', done, FILES, 250),
    );
    if (say) process.stderr.write(`${JSON.stringify(report, null, 1)}\n`);
    expect(report.defects).to.deep.equal([]);
    expect(report.decoded + report.refused + report.timedOut).to.equal(FILES);
    expect(report.peakGrowthMb).to.be.below(MB_LIMIT);
  });
});
