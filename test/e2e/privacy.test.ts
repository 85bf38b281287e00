import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { appendFile, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { encodeSafetensors } from '@fedoxnet/shared/weights/safetensors';
import { importDicom } from '@fedoxnet/site-agent/data/door/import-dicom';
import { plainCsvImporter } from '@fedoxnet/site-agent/data/importers/plain-csv';
import { checkPrivacy } from '@fedoxnet/site-agent/data/privacy/privacy-check';
import { initialModel } from '@fedoxnet/site-agent/training/initial-model';
import { phantomDicom } from '../site-agent/data/dicom/phantom-dicom.js';
import type { Element } from '../site-agent/data/dicom/dicom-file.js';
import { Federation } from './support/federation.js';
import { smallPlan } from './support/small-plan.js';
import { WireTap } from './support/wire-tap.js';

const SITE_PROGRAM = fileURLToPath(import.meta.resolve('@fedoxnet/site-agent/main'));
const RECORDER = new URL('./support/record-ipc.js', import.meta.url).href;

/** Everything by which a film could be traced to a person, invented. */
function phi(number: number): Element[] {
  return [
    ['00080018', 'UI', `1.2.826.0.1.3680043.8.498.7700${number}`],
    ['00080050', 'SH', `ACCESSION-77${number}`],
    ['00080080', 'LO', 'St. Beispiel Klinikum'],
    ['00080090', 'PN', 'Überweiser^Dr. Oda'],
    ['00081030', 'LO', 'Thorax im Bett, Notaufnahme'],
    ['00100010', 'PN', `Mustermann^Frieda${number}^von`],
    ['00100030', 'DA', `1951041${number}`],
    ['00101010', 'AS', '068Y'],
    ['00101040', 'LO', `Musterweg ${number}, 30625 Hannover`],
    ['00190010', 'LO', 'VENDOR PRIVATE'],
    ['00191001', 'LO', `private copy of Mustermann ${number}`],
    ['00321060', 'LO', 'V. a. Pneumothorax rechts'],
    [
      '00400275',
      'SQ',
      [
        [
          ['00400009', 'SH', `STEP-77${number}`],
          ['00401001', 'SH', `PROCEDURE-77${number}`],
        ],
      ],
    ],
  ];
}

describe('a round over DICOM films with identities in their headers', () => {
  let federation: Federation;
  let tap: WireTap;
  before(async () => {
    federation = await Federation.start();
    tap = await WireTap.before(federation.address);
  });
  after(async () => {
    await tap.close();
    await federation.close();
  });

  it('leaves none of them in catalogue, films, cache, quarantine, logs, IPC, the update, or on the wire', async () => {
    const site = 'hospital';
    const [data, home] = [federation.data(site), federation.home(site)];
    const [source, records] = [join(federation.folder, 'pacs'), join(federation.folder, 'records')];
    await mkdir(source);
    await mkdir(records);
    const plan = smallPlan({ study: 'privacy', rounds: 1, sites: [site], quorum: 1, classes: ['Mass'] });
    const { weights, metadata } = await initialModel(plan);
    await federation.createStudy(plan, encodeSafetensors(weights, metadata));
    await federation.enrol(site, plan, tap.address);
    await rm(data, { recursive: true });

    const rows = ['film,label,x,y,width,height'];
    for (let number = 1; number <= 7; number++) {
      const name = `Mustermann_Frieda${number}.dcm`;
      // The last is set aside: quarantine must not tell either.
      const elements: Element[] = number === 7 ? [...phi(number), ['00280301', 'CS', 'YES']] : phi(number);
      const patient = `MRN-${4710 + number}`;
      await writeFile(join(source, name), phantomDicom({ number, patient, date: '20210717', elements }));
      rows.push(`${name},Mass,60,60,50,50`);
    }
    await writeFile(join(source, 'labels.csv'), `${rows.join('\n')}\n`);
    const labels = {
      importer: plainCsvImporter(null),
      source,
      exhaustive: 'yes',
      uncertain: 'unknown',
    } as const;
    const options = { source, out: data, labels, val: 0.3, side: 1024, dryRun: false, threads: 1 };
    const { files } = await importDicom({ ...options, timeLimitMs: 60_000 });
    expect(files).to.include({ admitted: 6, quarantined: 1 });

    const running = runSite(home, data, records);
    await federation.untilAllReady('privacy', 60);
    await federation.startStudy(plan);
    const status = await running;
    expect(status, await readFile(join(records, 'stdout.jsonl'), 'utf8')).to.equal(0);
    await writeFile(join(records, 'wire.bin'), tap.recording());

    const recorded = await readdir(records);
    expect(recorded).to.include.members(['stdout.jsonl', 'stderr.log', 'update.safetensors', 'wire.bin']);
    expect(recorded.filter((name) => name.startsWith('ipc-'))).to.have.length(1);
    const check = () => checkPrivacy({ source, searched: [data, home, records], films: 100 });
    const report = await check();
    expect(report.sightings).to.deep.equal([]);
    expect(report.open).to.deep.equal([]);
    expect(report).to.include({ films: 7, unreadable: 0 });
    expect(report.values).to.be.greaterThan(60);
    expect(report.bytes).to.be.greaterThan(100_000);

    // It would have found them.
    await appendFile(join(records, 'stderr.log'), 'cannot read Mustermann_Frieda3.dcm of 1951-04-13\n');
    const found = (await check()).sightings;
    expect(new Set(found.map(({ tag }) => tag))).to.deep.equal(new Set(['(0010,0010)', '(0010,0030)']));
    expect(new Set(found.map(({ file }) => file))).to.deep.equal(new Set(['stderr.log']));
  });
});

/** `fedoxnet-site run --once` with all that it prints, and all that passes between agent and trainer, in files. */
async function runSite(home: string, data: string, records: string): Promise<number | null> {
  const args = ['run', '--home', home, '--data', data, '--threads', '1', '--once', '--json'];
  const env = { ...process.env, NODE_OPTIONS: `--import=${RECORDER}`, FEDOXNET_TEST_IPC: records };
  const child = spawn(process.execPath, [SITE_PROGRAM, ...args, '--log-level', 'trace'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
  });
  child.stdout.pipe(createWriteStream(join(records, 'stdout.jsonl')));
  child.stderr.pipe(createWriteStream(join(records, 'stderr.log')));
  const killed = setTimeout(() => child.kill('SIGKILL'), 150_000);
  const [status] = (await once(child, 'close')) as [number | null];
  clearTimeout(killed);
  return status;
}
