import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import sharp from 'sharp';
import type { ModelPlan } from '@fedoxnet/shared/study/plan';
import { digestOf } from '@fedoxnet/shared/weights/digest';
import { encodeSafetensors } from '@fedoxnet/shared/weights/safetensors';
import { parseDicomFile, type DataSet } from '@fedoxnet/site-agent/data/dicom/data-set';
import { importDicom } from '@fedoxnet/site-agent/data/door/import-dicom';
import { readDay } from '@fedoxnet/site-agent/ledger/day-record';
import { dayOf } from '@fedoxnet/site-agent/ledger/ledger-day';
import { freshModel } from '@fedoxnet/site-agent/model/oxnet';
import { phantomDicom } from '../data/dicom/phantom-dicom.js';
import { SMALL_MODEL } from '../model/small-model.js';
import { siteDocument } from './support/site-command.js';

const CLASSES = ['Mass', 'Cardiomegaly'];
const plan: ModelPlan = { ...SMALL_MODEL, levels: [3, 5] };

interface Document {
  readonly error?: { readonly code: string; readonly message: string };
  readonly reports?: string;
  readonly sent?: unknown;
  readonly films: readonly {
    readonly file: string;
    readonly width: number;
    readonly detections: readonly { x: number; y: number; width: number; height: number; score: number }[];
    readonly report?: string;
    readonly presentation?: string;
    readonly unreported?: string;
  }[];
}

describe('fedoxnet-site predict --reports', () => {
  let folder: string;
  const at = (...names: string[]) => join(folder, ...names);
  const run = (...args: string[]) =>
    siteDocument<Document>('predict', '--model', at('model.safetensors'), ...args);

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fedoxnet-predict-reports-'));
    await mkdir(at('home'));
    const { weights } = freshModel(plan, CLASSES.length);
    // Cardiomegaly everywhere at .73, masses nowhere.
    weights.get('classSubnet.output.bias')!.values.forEach((_, i, bias) => (bias[i] = i % 2 === 1 ? 1 : -9));
    const metadata = {
      ...{ model: JSON.stringify(plan), classes: JSON.stringify(CLASSES), study: 'chest', release: '4' },
    };
    await writeFile(at('model.safetensors'), encodeSafetensors(weights, metadata));
    await writeFile(at('film.dcm'), phantomDicom({ number: 1 }));
    await writeFile(at('leg.dcm'), phantomDicom({ number: 2, elements: [['00180015', 'CS', 'LEG']] }));
    const { pixels } = { pixels: new Uint8Array(64 * 64).map((_, i) => i % 251) };
    await sharp(pixels, { raw: { width: 64, height: 64, channels: 1 } })
      .png()
      .toFile(at('film.png'));
  });
  after(() => rm(folder, { recursive: true }));

  it('writes a report and a presentation state of a DICOM film, its boxes as they are printed', async () => {
    const files = ['film.dcm', 'leg.dcm', 'film.png'].map((name) => at(name));
    const { status, err, document } = await run('--reports', at('reports'), '--gsps', ...files);
    expect(status, err).to.equal(0);
    expect(document.reports).to.equal(at('reports'));
    const [film, leg, png] = document.films;
    expect(leg?.unreported).to.include('Body Part');
    expect(png?.unreported).to.include('no DICOM film');
    expect((await readdir(at('reports'))).map((name) => at('reports', name)).sort()).to.deep.equal(
      [film?.report, film?.presentation].sort(),
    );
    const detections = film?.detections ?? [];
    expect(detections).to.have.length.above(0);
    const { dataSet } = parseDicomFile(await readFile(film?.report ?? ''));
    const groups = dataSet.items('x0040a730').at(-1)?.items('x0040a730') ?? [];
    expect(groups.map(topLeftOf)).to.deep.equal(detections.map(({ x, y }) => [x, y].map(Math.fround)));
  });

  it('reports a film of the catalogue in the pixels of the file it came from, as long as that is there', async () => {
    await mkdir(at('pacs'));
    const source = at('pacs', 'x.dcm');
    await writeFile(source, phantomDicom({ number: 6 }));
    const from = { source: at('pacs'), labels: null, threads: 1, timeLimitMs: 60_000 };
    await importDicom({ ...from, out: at('site'), val: 1, side: 128, dryRun: false });
    const { document, err } = await run('--reports', at('catalogue'), '--data', at('site'));
    const [film] = document.films;
    expect(film?.width, err).to.equal(128);
    const { dataSet } = parseDicomFile(await readFile(film?.report ?? ''));
    const groups = dataSet.items('x0040a730').at(-1)?.items('x0040a730') ?? [];
    // 256 pixels were kept as 128.
    expect(groups.map(topLeftOf)).to.deep.equal(
      film?.detections.map(({ x, y }) => [2 * x, 2 * y].map(Math.fround)),
    );
    expect(dataSet.items('x0040a375')[0]?.string('x0020000d')).to.equal('2.25.6.1');

    await writeFile(source, phantomDicom({ number: 7 }));
    const other = await run('--reports', at('catalogue'), '--data', at('site'));
    expect(other.document.films[0]?.unreported).to.include('another film');
    await rm(source);
    const gone = await run('--reports', at('catalogue'), '--data', at('site'));
    expect(gone.document.films[0]?.unreported).to.include('cannot be read');
  });

  it('takes the site’s own codes from its settings, and refuses settings that are wrong', async () => {
    const code = { value: 'X-1', scheme: '99CLINIC', meaning: 'Big heart' };
    await writeFile(at('home', 'findings.json'), JSON.stringify({ codes: { Cardiomegaly: code } }));
    const { document } = await run('--reports', at('own'), '--home', at('home'), at('film.dcm'));
    expect((await readFile(document.films[0]?.report ?? '')).toString('latin1'))
      .to.include('99CLINIC')
      .and.include('Big heart');
    await writeFile(at('home', 'findings.json'), JSON.stringify({ reportClass: 'pdf' }));
    const refused = await run('--reports', at('none'), '--home', at('home'), at('film.dcm'));
    expect(refused.document.error?.code).to.equal('CONFIG_INVALID');
    expect(refused.document.error?.message).to.include('findings.json').and.include('reportClass');
  });

  it('sends reports only when it is told to, to the configured place', async () => {
    await writeFile(at('home', 'findings.json'), JSON.stringify({ destination: { folder: at('outbox') } }));
    const args = ['--reports', at('kept'), '--home', at('home'), at('film.dcm')];
    expect((await run(...args)).document.sent).to.equal(undefined);
    expect(await readdir(folder)).to.not.include('outbox');
    const { document } = await run('--send', ...args);
    expect(document.sent).to.deep.equal({ place: at('outbox'), files: 1, sent: 1 });
    const [name = '', ...others] = await readdir(at('outbox'));
    expect(others).to.deep.equal([]);
    const sent = await readFile(join(at('outbox'), name));
    const { rows, items } = await readDay(at('home'), dayOf(new Date()));
    expect(items).to.equal(0); // nothing left the hospital
    expect(rows.map(({ what, bytes, digest, to }) => ({ what, bytes, digest, to }))).to.deep.equal([
      { what: 'findings report', bytes: sent.length, digest: digestOf(sent), to: at('outbox') },
    ]);
  });

  it('wants reports for presentation states to belong to, and for sending', async () => {
    expect((await run('--gsps', at('film.dcm'))).document.error?.code).to.equal('USAGE');
    expect((await run('--send', at('film.dcm'))).document.error?.code).to.equal('USAGE');
    const inside = await run('--reports', at('home', 'sr'), '--home', at('home'), at('film.dcm'));
    expect(inside.document.error?.message).to.include('lies in');
  });
});

/** Of the region of a measurement group. */
function topLeftOf(group: DataSet): number[] {
  const region = group.items('x0040a730').find((item) => item.element('x00700022') !== null);
  const element = region?.element('x00700022');
  const bytes = Buffer.from(region?.bytes.subarray(element?.dataOffset ?? 0) ?? []);
  return [bytes.readFloatLE(0), bytes.readFloatLE(4)];
}
