import { expect } from 'chai';
import { withhold, type Cell } from '@fedoxnet/shared/study/withhold';

/** Each film of another patient: nothing else hides how many there are. */
const cells = (...films: number[]): Cell[] => films.map((count) => ({ films: count, patients: count }));

/** All rows of `columns` counts from 0 to `most`. */
function* rows(columns: number, most: number): Generator<number[]> {
  if (columns === 0) {
    yield [];
    return;
  }
  for (const rest of rows(columns - 1, most)) {
    for (let first = 0; first <= most; first += 1) yield [first, ...rest];
  }
}

describe('withhold', () => {
  it('shows everything where nothing is small, and an empty cell', () => {
    expect(withhold(cells(5, 0, 9), 5)).to.deep.equal([5, 0, 9]);
    expect(withhold(cells(0, 0), 5)).to.deep.equal([0, 0]);
  });

  it('takes the least of the others away with the small ones, and all that equal it', () => {
    expect(withhold(cells(4, 9, 6), 5)).to.deep.equal([null, 9, null]);
    expect(withhold(cells(4, 6, 9, 6), 5)).to.deep.equal([null, null, 9, null]);
    expect(withhold(cells(1, 1, 100, 0, 200), 5)).to.deep.equal([null, null, null, 0, 200]);
  });

  it('takes the whole row away where only small cells hold films', () => {
    expect(withhold(cells(4, 4, 0), 5)).to.deep.equal([null, null, null]);
  });

  it('counts patients: many films of few patients are small', () => {
    const row = [
      { films: 40, patients: 4 },
      { films: 60, patients: 50 },
      { films: 70, patients: 5 },
    ];
    expect(withhold(row, 5)).to.deep.equal([null, null, 70]);
  });

  it('shows all when one film is enough', () => {
    expect(withhold(cells(1, 2), 1)).to.deep.equal([1, 2]);
  });

  // The attack: whoever reads a row knows its total (at least `below`, else that is withheld too) and this rule.
  for (const [columns, most, below] of [
    [2, 12, 5],
    [3, 9, 4],
    [4, 7, 3],
    [5, 5, 3],
  ] as const) {
    it(`leaves every withheld count open, over all rows of ${columns} counts up to ${most}, limit ${below}`, () => {
      const explained = new Map<string, Set<number>[]>();
      let tried = 0;
      for (const row of rows(columns, most)) {
        const total = row.reduce((sum, films) => sum + films, 0);
        if (total < below) continue;
        const key = JSON.stringify([total, withhold(cells(...row), below)]);
        const values = explained.get(key) ?? row.map(() => new Set<number>());
        row.forEach((films, index) => values[index]!.add(films));
        explained.set(key, values);
        tried += 1;
      }
      expect(tried).to.be.greaterThan(100);
      for (const [key, values] of explained) {
        const [, shown] = JSON.parse(key) as [number, (number | null)[]];
        shown.forEach((count, index) => {
          if (count === null) expect(values[index]!.size, `${key}, cell ${index}`).to.be.greaterThan(1);
          else expect([...values[index]!]).to.deep.equal([count]);
        });
      }
    });
  }
});
