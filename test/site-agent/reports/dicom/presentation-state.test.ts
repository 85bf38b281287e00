import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { parseDicomFile } from '@fedoxnet/site-agent/data/dicom/data-set';
import { askPython, whyNoPython } from '../../../shared/python-peer.js';
import { skipBecause } from '../../../support/skip-because.js';
import { chestElements, dicomFile, pixelElements, type Element } from '../../data/dicom/dicom-file.js';
import { phantomDicom } from '../../data/dicom/phantom-dicom.js';
import { requirePrograms, runProgram } from '../../data/dicom/programs.js';
import { readRealFilm, requireRealFilms } from '../../data/dicom/real-films.js';
import { box, paths, reportFolder } from './sample-report.js';

/** Uncompressed or in a syntax that the presentation state tools of dcmtk read. */
const REAL = [
  'chest_small_cr_mono1_15bit_explicit_le.dcm',
  'chest_small_cr_mono2_15bit_explicit_le.dcm',
  'nih_chest_dx_mono2_8bit_implicit.dcm',
];

const table = (first: number, bits: number, entry: (i: number) => number): Element[] => [
  ['00283002', 'US', [1024, first, bits]],
  ['00283006', 'US', Array.from({ length: 1024 }, (_, i) => entry(i))],
];
const DISPLAYS: readonly (readonly [what: string, elements: readonly Element[]])[] = [
  [
    'slope, window and inverse polarity',
    [
      ['00281052', 'DS', '-100'],
      ['00281053', 'DS', '2'],
      ['00281054', 'LO', 'US'],
      ['00281050', 'DS', '2000'],
      ['00281051', 'DS', '3000'],
      ['20500020', 'CS', 'INVERSE'],
    ],
  ],
  ['a VOI LUT', [['00283010', 'SQ', [table(1000, 10, (i) => (i * i) >> 10)]]]],
  [
    'a Modality LUT and a window',
    [
      ['00283000', 'SQ', [[...table(500, 12, (i) => 4 * i), ['00283004', 'LO', 'US']]]],
      ['00281050', 'DS', '2048'],
      ['00281051', 'DS', '4096'],
    ],
  ],
];

describe('presentation states', () => {
  const { folder, report } = reportFolder();

  it('lay a frame and a name over each box, in the pixels of the film', async () => {
    const found = [box('Mass', 0.876, 10.5, 20, 30, 40)];
    const path = paths(await report(phantomDicom({ number: 3 }), found)).presentation;
    const { dataSet } = parseDicomFile(readFileSync(path));
    const [annotation] = dataSet.items('x00700001');
    const [text] = annotation?.items('x00700008') ?? [];
    const [frame] = annotation?.items('x00700009') ?? [];
    expect(text?.string('x00700006')).to.equal('Mass 0.88');
    expect([frame?.string('x00700023'), frame?.string('x00700005')]).to.deep.equal(['POLYLINE', 'PIXEL']);
    const data = frame?.element('x00700022');
    const bytes = Buffer.from(frame?.bytes.subarray(data?.dataOffset ?? 0) ?? []);
    const points = Array.from({ length: 10 }, (_, i) => bytes.readFloatLE(4 * i));
    expect(points).to.deep.equal([10.5, 20, 40.5, 20, 40.5, 60, 10.5, 60, 10.5, 20]);
    expect(dataSet.string('x00080060')).to.equal('PR');
    expect(dataSet.string('x20500020')).to.equal('IDENTITY');
  });

  it('of no finding lay nothing over the film', async () => {
    const path = paths(await report(phantomDicom({ number: 3 }), [])).presentation;
    const { dataSet } = parseDicomFile(readFileSync(path));
    expect(dataSet.items('x00700001')).to.deep.equal([]);
  });

  it('are read by pydicom', async function () {
    const missing = whyNoPython(['pydicom']);
    if (missing !== null) skipBecause(this, missing);
    const found = [box('Mass', 0.876, 10.5, 20, 30, 40)];
    const path = paths(await report(phantomDicom({ number: 3 }), found)).presentation;
    expect(askPython('report_peer.py', 'annotations', { path })).to.deep.equal({
      annotations: [
        {
          text: 'Mass 0.88',
          anchor: [10.5, 20],
          points: [10.5, 20, 40.5, 20, 40.5, 60, 10.5, 60, 10.5, 20],
          units: ['PIXEL', 'PIXEL'],
          image: '2.25.3',
        },
      ],
      shape: 'IDENTITY',
      area: [
        [1, 1],
        [256, 256],
      ],
    });
  });

  /** Shown through the state that we write, and through one that dcmtk makes of the film itself. */
  async function shown(bytes: Uint8Array): Promise<[ours: Buffer, own: Buffer]> {
    const at = (name: string): string => join(folder(), name);
    const state = paths(await report(bytes)).presentation;
    runProgram('dcmpschk', state);
    writeFileSync(at('film.dcm'), bytes);
    runProgram('dcmpsmk', at('film.dcm'), at('own.dcm'));
    runProgram('dcmp2pgm', '--pstate', at('own.dcm'), at('film.dcm'), at('own.pgm'));
    runProgram('dcmp2pgm', '--pstate', state, at('film.dcm'), at('ours.pgm'));
    return [readFileSync(at('ours.pgm')), readFileSync(at('own.pgm'))];
  }

  for (const [what, elements] of DISPLAYS) {
    it(`keep a film's display: ${what}`, async function () {
      requirePrograms(this, 'dcmpschk', 'dcmp2pgm', 'dcmpsmk');
      const values = Array.from({ length: 64 * 64 }, (_, i) => i);
      const pixels = { columns: 64, rows: 64, bitsAllocated: 16, bitsStored: 12, values } as const;
      const identity: Element[] = [
        ...chestElements('2.25.3'),
        ['00080005', 'CS', 'ISO_IR 100'],
        ['00080030', 'TM', '101500'],
        ['00100010', 'PN', 'A^B'],
      ];
      const [ours, own] = await shown(dicomFile([...identity, ...pixelElements(pixels), ...elements]));
      expect(ours.equals(own)).to.equal(true);
      expect(new Set(ours.subarray(20)).size, 'greys').to.be.above(100);
    });
  }

  it('pass the checks of dcmtk, and show the film exactly as it shows itself', async function () {
    requirePrograms(this, 'dcmpschk', 'dcmp2pgm', 'dcmpsmk');
    requireRealFilms(this);
    for (const name of REAL) {
      const [ours, own] = await shown(readRealFilm(name));
      expect(ours.equals(own), name).to.equal(true);
    }
  });
});
