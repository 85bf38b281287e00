import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { expect } from 'chai';
import { parseDicomFile, type DataSet } from '@fedoxnet/site-agent/data/dicom/data-set';
import type { ReportClass } from '@fedoxnet/site-agent/reports/dicom/structured-report';
import { askPython, whyNoPython } from '../../../shared/python-peer.js';
import { skipBecause } from '../../../support/skip-because.js';
import type { Element } from '../../data/dicom/dicom-file.js';
import { phantomDicom } from '../../data/dicom/phantom-dicom.js';
import { requirePrograms, runProgram } from '../../data/dicom/programs.js';
import { readRealFilm, requireRealFilms } from '../../data/dicom/real-films.js';
import { box, FOUND, MODEL, paths, reportFolder } from './sample-report.js';

/** A film of somebody, 256 × 256. */
const film = (...elements: Element[]): Buffer =>
  phantomDicom({
    number: 7,
    patient: 'MRN-4711',
    elements: [
      ['00080005', 'CS', 'ISO_IR 100'],
      ['00080030', 'TM', '10:15:00'],
      ['00080050', 'SH', 'A-17'],
      ['00100010', 'PN', Buffer.from('Müller^Jörg', 'latin1')],
      ['00100030', 'DA', '1958.03.14'],
      ['00100040', 'CS', 'M'],
      ...elements,
    ],
  });

/** DX and UTF-8, CR and Latin-1, secondary capture in Implicit VR without dates, and JPEG. */
const REAL = [
  'synthetic_phi_dx_1.dcm',
  'chest_small_cr_mono1_15bit_explicit_le.dcm',
  'nih_chest_dx_mono2_8bit_implicit.dcm',
  'rsna_chest_cr_mono2_8bit_jpeg_baseline.dcm',
] as const;

describe('structured reports', () => {
  const { report } = reportFolder();
  const dataSetOf = async (path: string): Promise<DataSet> => parseDicomFile(await readFile(path)).dataSet;

  it("stay in the film's patient and study and open a series of their own", async () => {
    const path = paths(await report(film())).report;
    const dataSet = await dataSetOf(path);
    const texts = (...tags: `x${string}`[]) => tags.map((tag) => dataSet.string(tag));
    expect(texts('x00100010', 'x00100020', 'x00100030', 'x00100040')).to.deep.equal([
      ...['M\xfcller^J\xf6rg', 'MRN-4711', '19580314', 'M'],
    ]);
    expect(texts('x00080005', 'x00080020', 'x00080030', 'x00080050', 'x0020000d')).to.deep.equal([
      ...['ISO_IR 100', '20200131', '101500', 'A-17', '2.25.7.1'],
    ]);
    expect(texts('x00080016', 'x00080060', 'x0040a491', 'x0040a493', 'x0040a496')).to.deep.equal([
      ...['1.2.840.10008.5.1.4.1.1.88.33', 'SR', 'PARTIAL', 'UNVERIFIED', 'PRELIMINARY'],
    ]);
    expect(dataSet.string('x0020000e')).to.match(/^2\.25\.\d+$/);
    expect(path).to.include(dataSet.string('x00080018'));
    const evidence = dataSet.items('x0040a375')[0]?.items('x00081115')[0];
    expect(evidence?.string('x0020000e')).to.equal('2.25.7.2');
    expect(evidence?.items('x00081199')[0]?.string('x00081155')).to.equal('2.25.7');
    expect((await stat(path)).mode & 0o777).to.equal(0o600);
    expect((await stat(dirname(path))).mode & 0o777).to.equal(0o700);
  });

  it('track a finding under one UID in every report of the same model, and are new objects each time', async () => {
    const uids = async (detections = FOUND): Promise<string[]> => {
      const dataSet = await dataSetOf(paths(await report(film(), detections)).report);
      const measurements = dataSet.items('x0040a730').at(-1);
      const groups = measurements?.items('x0040a730') ?? [];
      return [
        dataSet.string('x00080018') ?? '',
        dataSet.string('x0020000e') ?? '',
        ...groups.map((group) => group.items('x0040a730')[1]?.string('x0040a124') ?? ''),
      ];
    };
    const [first, second, moved] = [
      await uids(),
      await uids(),
      await uids([box('Cardiomegaly', 0.7312, 60.5, 120.25, 100, 51), ...FOUND.slice(1)]),
    ];
    expect(first).to.have.length(5);
    expect(new Set(first).size).to.equal(5);
    expect(second.slice(2)).to.deep.equal(first.slice(2));
    expect(second.slice(0, 2)).to.not.have.members(first.slice(0, 2));
    expect(moved.slice(3)).to.deep.equal(first.slice(3));
    expect(moved[2]).to.not.equal(first[2]);
  });

  it('are not written of what may be no upright frontal chest film, and say why', async () => {
    const refused = async (...elements: Element[]) => {
      const reported = await report(film(...elements));
      return 'unreported' in reported ? reported.unreported : 'reported';
    };
    expect(await refused(['00185101', 'CS', 'LL'])).to.include('View Position');
    expect(await refused(['00180015', 'CS', 'LEG'])).to.include('Body Part');
    expect(await refused(['00200020', 'CS', 'H\\L'])).to.include('sideways');
    expect(await refused(['00080018', 'UI', ''])).to.include('UID');
    expect(await refused(['0020000D', 'UI', 'not a uid'])).to.include('UID');
  });

  it('are read by dcmtk without complaint, one measurement group per box', async function () {
    requirePrograms(this, 'dsrdump');
    const path = paths(await report(film())).report;
    const read = (file: string): string => {
      const text = runProgram('sh', '-c', 'dsrdump --print-all-codes --print-long-values "$0" 2>&1', file);
      expect(text).to.not.match(/^[EWF]: /m);
      return text;
    };
    const text = read(path);
    expect(text.match(/Measurement Group/g)).to.have.length(3);
    expect(text).to.include('(8186001,SCT,"Cardiomegaly")');
    expect(text).to.include('(RIB_NOTCHING,99FEDOXNET,"Rib notching")');
    expect(text).to.include('(111012,DCM,"Certainty of Finding")="73.12" (%,UCUM,"Percent")');
    expect(text).to.include(`"model sha256:${MODEL.sha256}"`);
    expect(text).to.include('(POLYLINE,60.5/120.25,160.5/120.25,160.5/170.75,60.5/170.75,60.5/120.25)');
    const nothing = paths(await report(film(), [])).report;
    expect(read(nothing)).to.include('All algorithms succeeded; without findings');
  });

  it('are found without errors by dciodvfy, whatever the film lacks', async function () {
    requirePrograms(this, 'dciodvfy');
    requireRealFilms(this);
    const check = async (name: string, found = FOUND, reportClass: ReportClass = 'comprehensive') => {
      const { report: sr, presentation } = paths(await report(readRealFilm(name), found, { reportClass }));
      for (const path of [sr, presentation]) expect(errorsIn(path), name).to.deep.equal([]);
    };
    for (const name of REAL) await check(name);
    await check(REAL[0], []);
    await check(REAL[0], FOUND, 'comprehensive-3d');
  });

  it('are read by highdicom: box, score, code, algorithm and image of every group', async function () {
    const missing = whyNoPython(['highdicom']);
    if (missing !== null) skipBecause(this, missing);
    const path = paths(await report(film())).report;
    const peer = askPython('report_peer.py', 'groups', { path }) as {
      groups: Record<string, unknown>[];
      patient: string;
    };
    expect(peer.patient).to.equal('Müller^Jörg');
    expect(peer.groups).to.have.length(3);
    expect(peer.groups[0]).to.deep.include({
      tracking: '1 Cardiomegaly',
      finding: ['8186001', 'SCT', 'Cardiomegaly'],
      graphicType: 'POLYLINE',
      points: [
        ...[
          [60.5, 120.25],
          [160.5, 120.25],
          [160.5, 170.75],
          [60.5, 170.75],
          [60.5, 120.25],
        ],
      ],
      score: 73.12,
      scoreConcept: '111012',
      unit: '%',
      image: ['1.2.840.10008.5.1.4.1.1.1.1 2.25.7'],
      texts: [
        ['Tracking Identifier', '1 Cardiomegaly'],
        ['Algorithm Name', 'OXnet of chest-1'],
        ['Algorithm Version', 'release 4'],
        ['Algorithm Parameters', `model sha256:${MODEL.sha256}`],
        ['Algorithm Parameters', 'least score 0.3'],
      ],
    });
    const nothing = paths(await report(film(), [])).report;
    expect(askPython('report_peer.py', 'groups', { path: nothing })).to.deep.include({ groups: [] });
  });
});

/** What dciodvfy calls errors. It ends with status 0 and writes to stderr. */
function errorsIn(path: string): string[] {
  return runProgram('sh', '-c', 'dciodvfy "$0" 2>&1 || true', path)
    .split('\n')
    .filter((line) => /^(Error|.*: Error)/.test(line));
}
