import { expect } from 'chai';
import { noticeLines, participationTable } from '@fedoxnet/coordinator/cli/participation-table';
import { round, siteRound, study } from '../dashboard/small-study.js';

describe('the table of who took part', () => {
  const at = (seconds: number): string => new Date(Date.UTC(2025, 2, 1) + 1000 * seconds).toISOString();

  it('says how far each site came, and why one is not counted', () => {
    const latest = round(2, {
      sites: [
        siteRound('north', {
          state: 'counted',
          stages: { invited: at(0), accepted: at(1), trained: at(61), uploaded: at(75), counted: at(80) },
          carriedFrom: 1,
          filmShare: 0.75,
        }),
        siteRound('south', {
          state: 'missing',
          stages: { invited: at(0) },
          filmShare: 0.25,
          reason: 'The site did not answer its invitation.',
        }),
      ],
    });
    expect(participationTable(latest).split('\n')).to.deep.equal([
      'site   invited  accepted  trained  uploaded  counted  films  why not counted',
      'north  0 s      1 s       61 s     75 s      80 s     75 %   update of round 1',
      'south  0 s      –         –        –         –        25 %   The site did not answer its invitation.',
    ]);
  });

  it('says how many of the teacher’s boxes a site took, and who waits for its stage', () => {
    const reason = 'Only films with boxes teach: it waits for round 4.';
    const latest = round(3, {
      sites: [
        siteRound('north', { stages: { invited: at(0) }, pseudo: { kept: 6, dropped: 2 } }),
        siteRound('south', { state: 'waiting', stages: { invited: at(0) }, reason }),
      ],
    });
    expect(participationTable(latest).split('\n')).to.deep.equal([
      'site   invited  accepted  trained  uploaded  counted  films  pseudo boxes  why not counted',
      'north  0 s      –         –        –         –               75 % of 8',
      `south  0 s      –         –        –         –                             ${reason}`,
    ]);
  });

  it('has a line for each large site that fell silent', () => {
    const notices = [
      { round: 2, site: 'south', filmShare: 0.25, reason: 'The connection to the site was lost.' },
    ];
    expect(noticeLines(study([], { notices }))).to.equal(
      'Round 2 ended without south, which holds 25 % of the films: The connection to the site was lost.',
    );
    expect(noticeLines(study([]))).to.equal('');
  });
});
