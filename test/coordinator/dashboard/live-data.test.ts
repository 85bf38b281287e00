import { expect } from 'chai';
import { studyStatus as schema } from '@fedoxnet/shared/protocol/status';
import { applyProgress } from '@fedoxnet/coordinator/dashboard/view/apply-progress';
import { isSiteProgress, isStudyStatus } from '@fedoxnet/coordinator/dashboard/view/status-guard';
import { mutants } from './mutants.js';
import { metrics, round, siteRound, study } from './small-study.js';

const full = study([
  round(1, {
    state: 'published',
    endedAt: '2025-03-01T00:05:00.000Z',
    seconds: { training: 3 },
    sites: [
      siteRound('alpha', {
        losses: { focal: 1 },
        curve: [{ step: 1, losses: { focal: 1 } }],
        masses: { films: 1, positives: 2, classRows: [1, 0], globalRows: [1, 0], prototypeRows: [1, 0] },
      }),
    ],
    metrics: metrics(0.5, null),
    release: { number: 1, digest: 'e'.repeat(64), bytes: 10 },
  }),
]);

describe('dashboard status guard', () => {
  it('takes what the protocol takes', () => {
    expect(schema.safeParse(full).success).to.equal(true);
    expect(isStudyStatus(full)).to.equal(true);
    expect(isStudyStatus({ ...full, addedLater: 1 })).to.equal(true);
  });

  const wrongs = { undefined, null: null, true: true, text: 'text', NaN: Number.NaN, object: {} };
  for (const [name, wrong] of Object.entries(wrongs)) {
    it(`agrees with the protocol when one place of the document holds ${name}`, () => {
      const tried = mutants(full, wrong);
      expect(tried.length).to.be.greaterThan(90);
      for (const document of tried) {
        // The guard does not check alphabets, lengths or whole numbers: it may take more, never less.
        if (schema.safeParse(document).success) expect(isStudyStatus(document)).to.equal(true);
        else if (wrong !== 'text') expect(isStudyStatus(document), JSON.stringify(document)).to.equal(false);
      }
    });
  }

  it('refuses a state it has no word for', () => {
    expect(isStudyStatus({ ...full, state: 'constructor' })).to.equal(false);
  });
});

describe('dashboard progress', () => {
  const progress = {
    site: 'alpha',
    study: 'small',
    round: 1,
    attempt: 1,
    phase: 'train' as const,
    step: 6,
    steps: 10,
    losses: { focal: 0.25 },
    filmsPerSecond: 5,
    bytesSent: 7,
    bytesReceived: 8,
  };
  const before = study([round(1, { sites: [siteRound('alpha', { state: 'accepted' }), siteRound('beta')] })]);
  const alphaAfter = (changes: object) =>
    applyProgress(before, { ...progress, ...changes }).history[0]?.sites[0];

  it('moves its own site on and leaves the others', () => {
    const after = applyProgress(before, progress);
    expect(after.sites[0]).to.include({ bytesSent: 7, bytesReceived: 8 });
    expect(after.history[0]?.sites[0]).to.deep.include({
      state: 'training',
      step: 6,
      losses: { focal: 0.25 },
      curve: [{ step: 6, losses: { focal: 0.25 } }],
    });
    expect(after.history[0]?.sites[1]).to.equal(before.history[0]?.sites[1]);
  });

  it('keeps the training step while chunks are counted', () => {
    expect(alphaAfter({ phase: 'upload', step: 1, steps: 2 })).to.include({
      state: 'uploading',
      step: 0,
      steps: 10,
    });
  });

  it('ignores another study, round or attempt', () => {
    expect(applyProgress(before, { ...progress, study: 'other' })).to.equal(before);
    expect(alphaAfter({ round: 2 })).to.equal(before.history[0]?.sites[0]);
    expect(alphaAfter({ attempt: 2 })).to.equal(before.history[0]?.sites[0]);
  });

  it('does not reopen a site the coordinator has counted', () => {
    const counted = study([round(1, { sites: [siteRound('alpha', { state: 'counted', step: 10 })] })]);
    expect(applyProgress(counted, progress).history[0]?.sites[0]).to.include({ state: 'counted', step: 10 });
  });

  it('is guarded like the status', () => {
    expect(isSiteProgress(progress)).to.equal(true);
    for (const wrong of [undefined, true]) {
      for (const document of mutants(progress, wrong)) expect(isSiteProgress(document)).to.equal(false);
    }
  });
});
