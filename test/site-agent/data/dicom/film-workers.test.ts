import { expect } from 'chai';
import { DecodingTimeout, FilmWorkers } from '@fedoxnet/site-agent/data/dicom/film-workers';
import { phantomDicom } from './phantom-dicom.js';

describe('FilmWorkers', () => {
  const film = (): Uint8Array => new Uint8Array(phantomDicom({ number: 1 }));

  it('decodes one film after the other in one thread', async () => {
    const workers = new FilmWorkers({ threads: 1, timeLimitMs: 60_000 });
    try {
      const [first, second] = await Promise.all([workers.prepare(film(), 64), workers.prepare(film(), 64)]);
      expect(first).to.have.property('digest');
      expect(second).to.deep.equal(first);
    } finally {
      await workers.close();
    }
  });

  it('gives up a film that takes too long, and the next one as well where no thread starts in time', async () => {
    const workers = new FilmWorkers({ threads: 1, timeLimitMs: 0.001 });
    try {
      for (let times = 0; times < 3; times++) {
        const outcome = await workers.prepare(film(), 64).catch((error: unknown) => error);
        expect(outcome).to.be.instanceOf(DecodingTimeout);
      }
    } finally {
      await workers.close();
    }
  });
});
