import { expect } from 'chai';
import { initialLabelMap, labelMap, type LabelMap } from '@fedoxnet/site-agent/data/label-map';
import { readFilm, type UncertainPolicy } from '@fedoxnet/site-agent/data/importers/film-reading';
import { ImportReport } from '@fedoxnet/site-agent/data/importers/import-report';
import type { Mark, SourceFilm } from '@fedoxnet/site-agent/data/importers/source-film';

const map = (boxes: 'yes' | 'no' | 'unknown', films: 'yes' | 'no' | 'unknown'): LabelMap =>
  initialLabelMap({
    format: 'test',
    labels: ['Mass', ['Node', 'Nodule'], 'Tube'],
    noFinding: 'No Finding',
    uncovered: ['Tube'],
    exhaustive: { boxes, films },
  });
const at = { file: 'labels.csv', line: 7 };
const mark = (label: string, says: Mark['says']): Mark => ({ label, says, at });
const box = { x: 10, y: 20, width: 30, height: 40 };

function read(
  marks: Mark[],
  rules: {
    map?: LabelMap;
    read?: SourceFilm['read'];
    uncertain?: UncertainPolicy;
    grid?: { width: number; height: number };
  } = {},
) {
  const report = new ImportReport();
  const film: SourceFilm = { key: 'a', files: ['a'], patient: 'p', at, read: rules.read ?? 'box', marks };
  const { map: used = map('yes', 'unknown'), uncertain = 'unknown', grid } = rules;
  const read = readFilm(film, { map: used, uncertain, width: 100, height: 200, grid }, report);
  return { ...read, refused: report.refused.map(({ reason }) => reason) };
}

const BOX = { supervision: 'box' };
const PRESENT = { supervision: 'image', present: 1 };
const ABSENT = { supervision: 'image', present: 0 };

describe('readFilm', () => {
  it('leaves unknown what nobody spoke of, whatever else was found', () => {
    expect(read([]).readings).to.deep.equal({});
    expect(read([mark('Mass', box)]).readings).to.deep.equal({ Mass: BOX });
    expect(read([mark('Mass', 'present')], { map: map('yes', 'no') }).readings).to.deep.equal({
      Mass: PRESENT,
    });
  });

  it('takes silence for absence only where the map calls the class exhaustive and the film was read', () => {
    const all = map('yes', 'yes');
    expect(read([mark('Mass', box)], { map: all }).readings).to.deep.equal({
      Mass: BOX,
      Nodule: BOX,
      Tube: BOX,
    });
    expect(read([], { map: all, read: 'image' }).readings).to.deep.equal({
      Mass: ABSENT,
      Nodule: ABSENT,
      Tube: ABSENT,
    });
    expect(read([], { map: all, read: 'none' }).readings).to.deep.equal({});
    expect(read([], { map: map('no', 'yes') }).readings['Mass']).to.deep.equal(ABSENT);
  });

  it('believes boxes to be all of a class only where the map says so', () => {
    expect(read([mark('Mass', box)], { map: map('unknown', 'unknown') })).to.deep.include({
      readings: { Mass: PRESENT },
      boxes: [{ class: 'Mass', ...box }],
    });
  });

  it('lets "No Finding" negate what it covers and nothing else', () => {
    expect(read([mark('No Finding', 'present')]).readings).to.deep.equal({ Mass: BOX, Nodule: BOX });
    expect(read([mark('No Finding', 'present')], { read: 'image' }).readings).to.deep.equal({
      Mass: ABSENT,
      Nodule: ABSENT,
    });
    for (const says of ['absent', 'uncertain', 'disputed'] as const)
      expect(read([mark('No Finding', says)]).readings, says).to.deep.equal({});
  });

  it('refuses a film that has a finding and is free of it', () => {
    const { readings, refused } = read([mark('No Finding', 'present'), mark('Node', 'present')]);
    expect(readings).to.deep.equal({ Mass: BOX });
    expect(refused).to.deep.equal(['a is said to have Nodule and to be free of it: unknown']);
  });

  it('keeps uncertain labels unknown unless it is told otherwise', () => {
    const policies = (['unknown', 'present', 'absent'] as const).map(
      (uncertain) => read([mark('Mass', 'uncertain')], { uncertain, read: 'image' }).readings['Mass'],
    );
    expect(policies).to.deep.equal([undefined, PRESENT, ABSENT]);
  });

  it('knows a class whose readers dispute one box as present, and one they dispute as a whole as unknown', () => {
    expect(read([mark('Mass', box), mark('Mass', 'disputed')]).readings).to.deep.equal({ Mass: PRESENT });
    expect(read([mark('Mass', 'disputed')], { map: map('yes', 'yes') }).readings['Mass']).to.equal(undefined);
  });

  it('scales boxes from the grid in which they were given', () => {
    expect(read([mark('Mass', box)], { grid: { width: 50, height: 400 } }).boxes).to.deep.equal([
      { class: 'Mass', x: 20, y: 10, width: 60, height: 20 },
    ]);
  });

  it('takes a box one pixel over the border, refuses it further out, and then no longer trusts the others', () => {
    const reaches = (right: number) => read([mark('Mass', { x: right - 10, y: 0, width: 10, height: 10 })]);
    expect(reaches(101)).to.deep.include({ refused: [], readings: { Mass: BOX } });
    const { boxes, readings, refused } = reaches(101.01);
    expect(boxes).to.deep.equal([]);
    expect(readings).to.deep.equal({ Mass: PRESENT });
    expect(refused[0]).to.include('leaves a of 100×200 pixels');
    expect(read([mark('Mass', { ...box, width: 0 })]).refused[0]).to.include('has no area');
  });

  it('takes a crowd region for the presence of lesions, not for a box', () => {
    expect(read([mark('Mass', 'crowd'), mark('Mass', box)])).to.deep.include({
      readings: { Mass: PRESENT },
      boxes: [{ class: 'Mass', ...box }],
    });
  });

  it('refuses a label that the map does not know, and passes over one it leaves out', () => {
    expect(read([mark('Wart', 'present')]).refused).to.deep.equal(['the label map does not know "Wart"']);
    const without = labelMap.parse({ ...map('yes', 'unknown'), labels: { Mass: null } });
    expect(read([mark('Mass', box)], { map: without })).to.deep.equal({
      boxes: [],
      readings: {},
      refused: [],
    });
  });
});
