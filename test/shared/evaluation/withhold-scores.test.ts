import { expect } from 'chai';
import { withheldClasses } from '@fedoxnet/shared/evaluation/withhold-scores';
import { takeSplitCensus, type CensusFilm, type SplitCensus } from '@fedoxnet/shared/study/census';

/** Films of one class, each of another patient: boxed with and without a box, labelled with and without, unknown. */
type Row = readonly [
  boxPresent: number,
  boxAbsent: number,
  imagePresent: number,
  imageAbsent: number,
  none: number,
];

function films([boxPresent, boxAbsent, imagePresent, imageAbsent, none]: Row): CensusFilm[] {
  const of = (count: number, reading: CensusFilm['readings'], boxes: CensusFilm['boxes'] = []) =>
    Array.from({ length: count }, () => ({ width: 9, height: 9, boxes, readings: reading }));
  const box = { Mass: { supervision: 'box' } } as const;
  const image = (present: 0 | 1) => ({ Mass: { supervision: 'image', present } }) as const;
  return [
    ...of(boxPresent, box, [{ class: 'Mass' }]),
    ...of(boxAbsent, box),
    ...of(imagePresent, image(1)),
    ...of(imageAbsent, image(0)),
    ...of(none, {}),
  ].map((film, i) => ({ ...film, patient: `p${i}` }));
}

const census = (row: Row, below: number): SplitCensus =>
  takeSplitCensus(films(row), ['Mass'], new Set(['Mass']), below);
const withheld = (row: Row, below = 5) => {
  const { detections, images } = withheldClasses(census(row, below));
  return { detections: detections.length === 1, images: images.length === 1 };
};

describe('withheldClasses', () => {
  it('sends everything of a class with enough patients on both sides, or none', () => {
    expect(withheld([5, 5, 0, 0, 0])).to.deep.equal({ detections: false, images: false });
    expect(withheld([0, 20, 5, 5, 9])).to.deep.equal({ detections: false, images: false });
    expect(withheld([0, 0, 0, 0, 7])).to.deep.equal({ detections: false, images: false });
  });

  it('keeps a class whose boxes are of four patients', () => {
    expect(withheld([4, 30, 0, 0, 0])).to.deep.equal({ detections: true, images: true });
    expect(withheld([4, 30, 0, 0, 0], 4)).to.deep.equal({ detections: false, images: false });
  });

  it('keeps what the total would give away: 30 of 33 boxed films leave 3 that are labelled', () => {
    expect(withheld([10, 20, 3, 0, 0])).to.deep.equal({ detections: true, images: true });
  });

  it('sends boxes alone when only labels are few, and the unknown films hide how few', () => {
    // 12 films that are not boxed: 2 with a label and 10 without; both are withheld, the 30 boxed ones are not.
    expect(withheld([10, 20, 2, 0, 10])).to.deep.equal({ detections: false, images: true });
  });

  it('takes several films of one patient for one', () => {
    const one = films([6, 9, 0, 0, 0]).map((film, i) => (i < 6 ? { ...film, patient: 'same' } : film));
    const { detections } = withheldClasses(takeSplitCensus(one, ['Mass'], new Set(['Mass']), 5));
    expect(detections).to.deep.equal(['Mass']);
  });

  it('withholds no small count that census and report together give away, in any row of up to 9 films', () => {
    const below = 3;
    /** All that the coordinator sees, and the rows that look like it. */
    const views = new Map<string, Row[]>();
    for (const row of rowsUpTo(9)) {
      const shown = census(row, below);
      const { detections, images } = withheld(row, below);
      const [bp, ba, ip, ia] = row;
      const report = [detections ? null : [bp + ba, bp], images ? null : [bp + ip, ba + ia]];
      const key = JSON.stringify([shown.films, shown.classes, report]);
      views.set(key, [...(views.get(key) ?? []), row]);
    }
    const quantities: ((row: Row) => number)[] = [
      ...[0, 1, 2, 3, 4].map((i) => (row: Row) => row[i]!),
      ([bp, ba]) => bp + ba,
      ([, , ip, ia]) => ip + ia,
      ([bp, , ip]) => bp + ip,
      ([, ba, , ia]) => ba + ia,
    ];
    for (const rows of views.values()) {
      for (const [index, quantity] of quantities.entries()) {
        const [only, ...others] = new Set(rows.map(quantity));
        const isGivenAway = others.length === 0 && only! > 0 && only! < below;
        expect(isGivenAway, `quantity ${index} of ${JSON.stringify(rows[0])} is ${only}`).to.equal(false);
      }
    }
  });
});

function* rowsUpTo(films: number): Generator<Row> {
  for (let a = 0; a <= films; a++)
    for (let b = 0; a + b <= films; b++)
      for (let c = 0; a + b + c <= films; c++)
        for (let d = 0; a + b + c + d <= films; d++)
          for (let e = 0; a + b + c + d + e <= films; e++) yield [a, b, c, d, e];
}
