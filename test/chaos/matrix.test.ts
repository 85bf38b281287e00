import { expect } from 'chai';
import type { ChaosCase } from './support/cases.js';
import { details, mergeRows, readRows, summary, type MatrixRow } from './support/matrix.js';

describe('the matrix of faults', () => {
  const row = (fault: string, phase: MatrixRow['phase'], place: string, result: string): MatrixRow => ({
    ...{ fault, phase, place, result },
  });
  const rows = [
    row('kill', 'train', 'a', 'identical'),
    row('kill', 'train', 'b | c', 'release 2 is another'),
    row('disk full', 'upload', 'a', 'skipped: not as this user'),
  ];

  it('counts what was identical among what was tried', () => {
    expect(summary(rows).split('\n').slice(2)).to.deep.equal([
      '| disk full |  |  |  |  | skipped |  |  |  |',
      '| kill |  |  |  | 1/2 |  |  |  |  |',
    ]);
  });

  it('is read as it was written', () => {
    expect(readRows(`${summary(rows)}\n\n## Every case\n\n${details(rows)}\n`)).to.have.deep.members(rows);
    expect(readRows('nothing')).to.deep.equal([]);
  });

  it('keeps the rows of cases that were not tried, and drops those of cases that are gone', () => {
    const cases = (['a', 'b | c', 'new'] as const).map((place): ChaosCase => ({
      fault: 'kill',
      phase: 'train',
      place,
      ground: 'plain',
    }));
    const now = [row('kill', 'train', 'b | c', 'identical')];
    expect(mergeRows(cases, rows, now)).to.deep.equal([rows[0], now[0]]);
  });
});
