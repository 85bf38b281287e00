import { expect } from 'chai';
import { census, takeCensus, type CensusFilm } from '@fedoxnet/shared/study/census';

type Film = CensusFilm & { split: 'train' | 'val' };
let patients = 0;
const film = (changes: Partial<Film> = {}): Film => ({
  patient: `p${(patients += 1)}`,
  split: 'train',
  width: 1024,
  height: 1024,
  boxes: [],
  readings: {},
  ...changes,
});
const times = (count: number, changes: Partial<Film>): Film[] =>
  Array.from({ length: count }, () => film(changes));

const boxed = (...classes: string[]): Partial<Film> => ({
  boxes: classes.map((name) => ({ class: name })),
  readings: { Nodule: { supervision: 'box' } },
});
const labelled = (present: 0 | 1): Partial<Film> => ({
  readings: { Nodule: { supervision: 'image', present } },
});

describe('takeCensus', () => {
  const films = [
    ...times(6, boxed('Nodule', 'Nodule')),
    ...times(7, boxed()),
    ...times(8, labelled(1)),
    ...times(9, labelled(0)),
    ...times(10, {}),
    ...times(5, { split: 'val' }),
  ];

  it('counts films, not boxes, by class and supervision, training and held-out films apart', () => {
    const taken = takeCensus(films, ['Nodule', 'Mass'], ['Nodule']);
    expect(census.parse(taken)).to.deep.equal(taken);
    expect([taken.train.films, taken.val.films]).to.deep.equal([40, 5]);
    const nobody = { boxPresent: 0, boxAbsent: 0, imagePresent: 0, imageAbsent: 0 };
    expect(taken.train.classes).to.deep.equal([
      {
        class: 'Nodule',
        mapped: true,
        boxPresent: 6,
        boxAbsent: 7,
        imagePresent: 8,
        imageAbsent: 9,
        none: 10,
      },
      { class: 'Mass', mapped: false, ...nobody, none: 40 },
    ]);
    expect(taken.val.classes[0]).to.deep.equal({ class: 'Nodule', mapped: true, ...nobody, none: 5 });
  });

  it('withholds present and absent together where one is small and their sum is not', () => {
    const [row] = takeCensus(
      [...times(4, boxed('Nodule')), ...times(3, boxed()), ...times(9, {})],
      ['Nodule'],
      [],
    ).train.classes;
    // 7 films are read with boxes, which a site's description tells: 4 and 3 must both go, none and image may stay.
    expect(row).to.include({ boxPresent: null, boxAbsent: null, imagePresent: 0, imageAbsent: 0, none: 9 });
  });

  it('withholds a whole supervision that is small, and another beside it', () => {
    const [row] = takeCensus(
      [...times(4, boxed('Nodule')), ...times(9, labelled(0)), ...times(6, {})],
      ['Nodule'],
      [],
    ).train.classes;
    expect(row).to.include({ boxPresent: null, boxAbsent: null, imageAbsent: 9, none: null });
  });

  it('withholds the number of films itself when it is small, and everything below it', () => {
    const few = takeCensus(times(4, {}), ['Nodule'], []).train;
    expect(few.films).to.equal(null);
    expect(few.classes[0]).to.include({ boxPresent: null, none: null });
    expect(few.tables.view).to.deep.equal([null, null, null]);
    expect(takeCensus(times(5, {}), [], []).train.films).to.equal(5);
    expect(takeCensus([], [], []).train.films).to.equal(0);
  });

  it('counts patients, not films, where it asks whether a number is small', () => {
    const four = times(40, { patient: 'one', sex: 'F' });
    const { tables, films: all } = takeCensus([...four, ...times(50, { sex: 'M' })], [], []).train;
    expect(all).to.equal(90);
    expect(tables.sex).to.deep.equal([null, null, 0, 0]);
  });

  it('sorts films into the tables by the bounds of each column', () => {
    const each = [
      { view: 'PA', sex: 'F', ageBand: '0-17', width: 512, height: 1, meanGrey: 63.9 },
      { view: 'PA', sex: 'M', ageBand: '80+', width: 513, height: 1, meanGrey: 64 },
      { view: 'AP', sex: 'O', ageBand: '18-39', width: 1, height: 1024, meanGrey: 127.9 },
      { width: 3072, height: 2049, meanGrey: 255 },
      { width: 3073, height: 2049 },
    ] as const;
    const { tables } = takeCensus(
      each.map((changes) => film(changes)),
      [],
      [],
      1,
    ).train;
    expect(tables).to.deep.equal({
      view: [2, 1, 2],
      sex: [1, 1, 1, 2],
      age: [1, 1, 0, 0, 1, 2],
      longSide: [1, 2, 0, 1, 1],
      meanGrey: [1, 1, 1, 0, 0, 1, 1],
    });
  });

  it('refuses a table of another length or a negative count', () => {
    const taken = takeCensus(films, ['Nodule'], []);
    const { train } = taken;
    const { tables } = train;
    for (const wrong of [
      { ...taken, train: { ...train, tables: { ...tables, sex: [1, 2] } } },
      { ...taken, train: { ...train, films: -1 } },
      { ...taken, patients: ['p1'] },
    ]) {
      expect(census.safeParse(wrong).success).to.equal(false);
    }
  });
});
