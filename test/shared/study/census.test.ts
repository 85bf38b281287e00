import { expect } from 'chai';
import { census, takeCensus, type CensusFilm } from '@fedoxnet/shared/study/census';

const boxed = (...classes: string[]): CensusFilm => ({
  boxes: classes.map((name) => ({ class: name })),
  readings: { Nodule: { supervision: 'box' } },
});
const labelled = (present: 0 | 1): CensusFilm => ({
  boxes: [],
  readings: { Nodule: { supervision: 'image', present } },
});
const unread: CensusFilm = { boxes: [], readings: {} };
const times = (count: number, film: CensusFilm): CensusFilm[] => Array.from({ length: count }, () => film);

describe('takeCensus', () => {
  const films = [
    ...times(6, boxed('Nodule', 'Nodule')),
    ...times(7, boxed()),
    ...times(8, labelled(1)),
    ...times(9, labelled(0)),
    ...times(10, unread),
  ];

  it('counts films, not boxes, by class and supervision', () => {
    const taken = takeCensus(films, ['Nodule', 'Mass']);
    expect(census.parse(taken)).to.deep.equal(taken);
    expect(taken.films).to.equal(40);
    expect(taken.classes).to.deep.equal([
      { class: 'Nodule', boxPresent: 6, boxAbsent: 7, imagePresent: 8, imageAbsent: 9, none: 10 },
      { class: 'Mass', boxPresent: 0, boxAbsent: 0, imagePresent: 0, imageAbsent: 0, none: 40 },
    ]);
  });

  it('withholds counts below the limit, but not a zero', () => {
    const [row] = takeCensus(
      [...times(4, boxed('Nodule')), ...times(3, unread), ...times(5, labelled(0))],
      ['Nodule'],
    ).classes;
    expect(row).to.deep.equal({
      class: 'Nodule',
      boxPresent: null,
      boxAbsent: 0,
      imagePresent: 0,
      imageAbsent: 5,
      none: null,
    });
  });

  it('withholds a second count where the total would give a single small one away', () => {
    const [row] = takeCensus(
      [...times(4, boxed('Nodule')), ...times(9, labelled(0)), ...times(6, unread)],
      ['Nodule'],
    ).classes;
    expect(row).to.include({ boxPresent: null, imageAbsent: 9, none: null });
  });

  it('withholds the number of films itself when it is small', () => {
    expect(takeCensus(times(4, unread), []).films).to.equal(null);
    expect(takeCensus(times(5, unread), []).films).to.equal(5);
    expect(takeCensus([], []).films).to.equal(0);
  });
});
