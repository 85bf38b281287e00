import { expect } from 'chai';
import { mergeReaders, type ReaderMarks } from '@fedoxnet/site-agent/data/importers/merge-readers';
import type { Mark } from '@fedoxnet/site-agent/data/importers/source-film';

const at = { file: 'train.csv', line: 2 };
const box = (x: number, label = 'Mass', width = 10): Mark => ({
  label,
  says: { x, y: 0, width, height: 10 },
  at,
});
const word = (label: string, says: Mark['says']): Mark => ({ label, says, at });
const reading = (reader: string, ...marks: Mark[]): ReaderMarks => ({ reader, marks });
const said = (marks: readonly Mark[] | null) => marks?.map(({ label, says }) => [label, says]);

const NONE = 'No finding';
const fuse = { by: 'fuse', overlap: 0.5 } as const;
const consensus = { by: 'consensus', overlap: 0.5, readers: 2 } as const;

describe('mergeReaders', () => {
  it('takes the first of the wanted readers who read the film', () => {
    const readings = [reading('R1', box(0)), reading('R2', box(5))];
    const merge = { by: 'readers', names: ['R9', 'R2', 'R1'] } as const;
    expect(said(mergeReaders(readings, merge, NONE))).to.deep.equal([['Mass', box(5).says]]);
    expect(mergeReaders(readings, { by: 'readers', names: ['R9'] }, NONE)).to.equal(null);
  });

  it('fuses boxes of different readers into their mean, and keeps what one alone saw', () => {
    // 0…10 and 2…12 overlap by 8 of 12, IoU 2/3; 100…110 is another lesion.
    const readings = [reading('R1', box(0)), reading('R2', box(2), box(100))];
    expect(said(mergeReaders(readings, fuse, NONE))).to.deep.equal([
      ['Mass', { x: 1, y: 0, width: 10, height: 10 }],
      ['Mass', { x: 100, y: 0, width: 10, height: 10 }],
    ]);
  });

  it('measures the overlap against the mean so far, at the limit from both sides', () => {
    // 0…10 and 5…15: 5 of 15, IoU 1/3.
    const pair = [reading('R1', box(0)), reading('R2', box(5))];
    expect(mergeReaders(pair, { by: 'fuse', overlap: 1 / 3 }, NONE)).to.have.lengthOf(1);
    expect(mergeReaders(pair, { by: 'fuse', overlap: 0.334 }, NONE)).to.have.lengthOf(2);
  });

  it("never fuses one reader's own boxes, nor boxes of different labels", () => {
    expect(mergeReaders([reading('R1', box(0), box(1))], fuse, NONE)).to.have.lengthOf(2);
    expect(
      mergeReaders([reading('R1', box(0)), reading('R2', box(0, 'Nodule'))], fuse, NONE),
    ).to.have.lengthOf(2);
  });

  it('keeps by consensus what enough readers boxed, and calls the rest disputed', () => {
    const three = [
      reading('R1', box(0)),
      reading('R2', box(2), box(100)),
      reading('R3', word(NONE, 'present')),
    ];
    expect(said(mergeReaders(three, consensus, NONE))).to.deep.equal([
      ['Mass', { x: 1, y: 0, width: 10, height: 10 }],
      ['Mass', 'disputed'],
      [NONE, 'disputed'],
    ]);
    const alone = [reading('R1', box(0)), reading('R2', word(NONE, 'present'))];
    expect(said(mergeReaders(alone, consensus, NONE))).to.deep.equal([
      ['Mass', 'disputed'],
      [NONE, 'disputed'],
    ]);
  });

  it('knows a finding as present where readers agree on it but not on its place', () => {
    const apart = [reading('R1', box(0)), reading('R2', box(100))];
    expect(said(mergeReaders(apart, consensus, NONE))).to.deep.equal([
      ['Mass', 'disputed'],
      ['Mass', 'present'],
    ]);
  });

  it('believes "No finding" only when every reader says it', () => {
    const clean = (reader: string) => reading(reader, word(NONE, 'present'));
    expect(said(mergeReaders([clean('R1'), clean('R2'), clean('R3')], fuse, NONE))).to.deep.equal([
      [NONE, 'present'],
    ]);
    expect(said(mergeReaders([clean('R1'), clean('R2'), reading('R3', box(0))], fuse, NONE))).to.deep.equal([
      [NONE, 'disputed'],
      ['Mass', box(0).says],
    ]);
  });

  it('calls a label absent when nobody saw it', () => {
    const says = (reader: string, what: Mark['says']) => reading(reader, word('COPD', what));
    const pair = (a: Mark['says'], b: Mark['says']) =>
      said(mergeReaders([says('R1', a), says('R2', b)], fuse, NONE));
    expect(pair('absent', 'absent')).to.deep.equal([['COPD', 'absent']]);
    expect(pair('absent', 'present')).to.deep.equal([['COPD', 'present']]);
  });
});
