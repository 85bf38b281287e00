import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect } from 'chai';
import { digestOf } from '@fedoxnet/shared/weights/digest';
import { parseDicomFile } from '@fedoxnet/site-agent/data/dicom/data-set';
import { dayOf } from '@fedoxnet/site-agent/ledger/ledger-day';
import { readDay, type LedgerRow } from '@fedoxnet/site-agent/ledger/day-record';
import { freePort } from '../../../support/free-port.js';
import { startOrthanc, type Orthanc } from '../../../support/orthanc.js';
import { skipBecause } from '../../../support/skip-because.js';
import { siteDocument } from '../../cli/support/site-command.js';
import { phantomDicom } from '../../data/dicom/phantom-dicom.js';
import { requirePrograms, runProgram } from '../../data/dicom/programs.js';
import { FOUND, paths, reportFolder } from '../dicom/sample-report.js';

interface Document {
  readonly error?: { readonly code: string; readonly message: string };
  readonly place: string;
  readonly files: number;
  readonly sent: number;
}

/** Resolves when somebody listens there; a program that does not start fails the test. */
async function listening(port: number): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    const answered = await new Promise<boolean>((resolve) => {
      const socket = connect({ host: '127.0.0.1', port }, () => resolve(true));
      socket.once('connect', () => socket.destroy()).once('error', () => resolve(false));
    });
    if (answered) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nobody listens at ${port}`);
}

describe('fedoxnet-site send-reports', () => {
  const { folder, report } = reportFolder();
  const home = (): string => join(folder(), 'home');
  const configure = async (destination: object): Promise<void> => {
    await mkdir(home(), { recursive: true });
    await writeFile(join(home(), 'findings.json'), JSON.stringify({ destination, timeoutSeconds: 20 }));
  };
  const send = (...files: string[]) => siteDocument<Document>('send-reports', '--home', home(), ...files);
  const both = async (): Promise<string[]> => Object.values(paths(await report(phantomDicom({ number: 5 }))));

  beforeEach(() => rm(join(home(), 'ledger'), { recursive: true, force: true }));

  /** Today's reports in the ledger. */
  const booked = async (): Promise<LedgerRow[]> =>
    (await readDay(home(), dayOf(new Date()))).rows.filter(({ what }) => what === 'findings report');

  it('puts them into a folder, whole', async () => {
    const files = await both();
    await configure({ folder: join(folder(), 'outbox') });
    const { status, document } = await send(...files);
    expect([status, document.sent]).to.deep.equal([0, 2]);
    const sent = await readdir(join(folder(), 'outbox'));
    expect(sent.sort()).to.deep.equal(files.map((path) => basename(path)).sort());
    for (const path of files)
      expect(await readFile(join(folder(), 'outbox', basename(path)))).to.deep.equal(await readFile(path));
    const lines = await booked();
    for (const path of files) {
      const file = await readFile(path);
      const line = lines.find(({ digest }) => digest === digestOf(file));
      expect(line).to.include({ to: join(folder(), 'outbox'), items: 1, bytes: file.length });
    }
    expect(lines).to.have.length(files.length);
  });

  it('sends no more than one when it cannot be written down', async () => {
    const files = await both();
    await configure({ folder: join(folder(), 'outbox-2') });
    await writeFile(join(home(), 'ledger'), 'a file where the folder should be');
    const { status, err } = await send(...files);
    expect([status, (await readdir(join(folder(), 'outbox-2'))).length]).to.deep.equal([73, 1]);
    expect(err).to.contain('LEDGER_UNWRITABLE').and.contain(home());
  });

  it('sends nothing anywhere unless a destination is set, and never a film', async () => {
    const files = await both();
    await writeFile(join(home(), 'findings.json'), '{}');
    expect((await send(...files)).document.error?.code).to.equal('CONFIG_INVALID');
    await configure({ folder: join(folder(), 'other') });
    const film = join(folder(), 'a-film.dcm');
    await writeFile(film, phantomDicom({ number: 5 }));
    const refused = await send(film, ...files);
    expect(refused.err).to.contain('DATA_INVALID').and.contain('a-film.dcm');
    expect(refused.document.sent).to.equal(0);
    await writeFile(film, 'no DICOM');
    expect((await send(film)).err).to.contain('DATA_INVALID');
    expect((await send(join(folder(), 'nowhere'))).document.error?.code).to.equal('DATA_MISSING');
    await configure({ folder: '/a', dimse: { to: 'A@b:104' } });
    expect((await send(...files)).document.error?.message).to.contain('one of folder, dicomweb and dimse');
    await configure({ folder: 'relative' });
    expect((await send(...files)).document.error?.message).to.contain('absolute path');
    await configure({ dimse: { to: 'nonsense' } });
    expect((await send(...files)).document.error?.message).to.contain('AETITLE@host:port');
  });

  it('says which object a server refused and why, and how many it took before', async () => {
    const files = await both();
    let asked = 0;
    const server = createServer((request, response) => {
      request.resume().on('end', () => {
        asked++;
        const uid = basename(files[0] ?? '').replace(/^SR\.|\.dcm$/g, '');
        const [status, answer] =
          asked === 1
            ? [200, { '00081199': { Value: [{ '00081155': { Value: [uid] } }] } }]
            : [409, { '00081198': { Value: [{ '00081197': { Value: [0xa900] } }] } }];
        response.writeHead(status, { 'content-type': 'application/dicom+json' }).end(JSON.stringify(answer));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      await configure({ dicomweb: { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/dw` } });
      const { status, err, document } = await send(...files);
      expect(status).to.equal(76);
      expect(err)
        .to.contain('REPORT_REFUSED')
        .and.contain('A900')
        .and.contain(basename(files[1] ?? ''));
      expect(document).to.include({ files: 2, sent: 1 });
      // The refused one had left, too.
      expect((await booked()).map(({ digest }) => digest)).to.have.members(
        await Promise.all(files.map(async (path) => digestOf(await readFile(path)))),
      );
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('reach a program that knows only Implicit VR, whole', async function () {
    requirePrograms(this, 'storescp', 'dsrdump');
    const files = await both();
    const [port, inbox] = [await freePort(), join(folder(), 'inbox')];
    await mkdir(inbox);
    const scp = spawn('storescp', ['--implicit', '--output-directory', inbox, String(port)], {
      stdio: 'ignore',
    });
    try {
      await listening(port);
      await configure({ dimse: { to: `ANY-SCP@127.0.0.1:${port}` } });
      const { status, err, document } = await send(...files);
      expect([status, document.sent], err).to.deep.equal([0, 2]);
    } finally {
      scp.kill();
    }
    const [pr, sr] = (await readdir(inbox)).sort().map((name) => join(inbox, name));
    expect(parseDicomFile(await readFile(sr ?? '')).syntax.uid).to.equal('1.2.840.10008.1.2');
    const dump = (path: string): string => runProgram('dsrdump', path);
    expect(dump(sr ?? '')).to.equal(dump(files[0] ?? ''));
    runProgram('dcmpschk', pr ?? '');
  });

  describe('to Orthanc', () => {
    let orthanc: Orthanc;
    before(async function () {
      const started = await startOrthanc();
      if (typeof started === 'string') skipBecause(this, started);
      orthanc = started;
    });
    after(() => orthanc?.stop());

    /** The objects that it has of the film's study, by modality. */
    async function stored(): Promise<Record<string, string[]>> {
      const { webUrl, user, password } = orthanc;
      const headers = {
        accept: 'application/dicom+json',
        authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
      };
      const answer = await fetch(`${webUrl}/instances?StudyInstanceUID=2.25.5.1`, { headers });
      const found = (await answer.json()) as Record<string, { Value?: string[] }>[];
      const byModality: Record<string, string[]> = {};
      for (const object of found)
        (byModality[object['00080060']?.Value?.[0] ?? ''] ??= []).push(object['00080018']?.Value?.[0] ?? '');
      return byModality;
    }
    const uidOf = async (path: string): Promise<string> =>
      parseDicomFile(await readFile(path)).dataSet.string('x00080018') ?? '';

    for (const way of ['STOW-RS', 'C-STORE'] as const) {
      it(`by ${way}: reports of both classes and presentation states lie in the film's study`, async () => {
        const { webUrl: url, user, password, aeTitle, dicomPort, clientAe: ae } = orthanc;
        await mkdir(home(), { recursive: true });
        await writeFile(join(home(), 'secret'), `${password}\n`, { mode: 0o600 });
        await configure(
          way === 'STOW-RS'
            ? { dicomweb: { url, user, secretFile: 'secret' } }
            : { dimse: { to: `${aeTitle}@127.0.0.1:${dicomPort}`, ae } },
        );
        const film = phantomDicom({ number: 5 });
        const three = await report(film, FOUND, {
          reportClass: 'comprehensive-3d',
          presentationStates: false,
        });
        const files = [...(await both()), 'report' in three ? three.report : ''];
        const first = await send(...files);
        expect([first.status, first.document.sent], first.err).to.deep.equal([0, 3]);
        expect((await send(...files)).status).to.equal(0); // again is no harm
        const digests = await Promise.all(files.map(async (path) => digestOf(await readFile(path))));
        const lines = (await booked()).filter(({ digest }) => digests.includes(digest ?? ''));
        expect(lines.map(({ items }) => items)).to.deep.equal([2, 2, 2]);
        expect(lines[0]?.to).to.equal(
          way === 'STOW-RS' ? url.replace('http://', '') : `${aeTitle}@127.0.0.1:${dicomPort}`,
        );
        const { SR, PR } = await stored();
        expect(SR).to.include.members([await uidOf(files[0] ?? ''), await uidOf(files[2] ?? '')]);
        expect(PR).to.include(await uidOf(files[1] ?? ''));
      });
    }

    it('as somebody it does not know is refused, and a port where nobody listens is named', async () => {
      const files = await both();
      const { webUrl: url, user, aeTitle, dicomPort } = orthanc;
      await writeFile(join(home(), 'secret'), 'wrong\n', { mode: 0o600 });
      await configure({ dicomweb: { url, user, secretFile: 'secret' } });
      expect((await send(...files)).err)
        .to.contain('PACS_REFUSED')
        .and.contain('401');
      await configure({ dimse: { to: `NOBODY@127.0.0.1:${dicomPort}` } });
      expect((await send(...files)).err)
        .to.contain('PACS_REFUSED')
        .and.contain('NOBODY');
      await configure({ dimse: { to: `${aeTitle}@127.0.0.1:9` } });
      const gone = await send(...files);
      expect(gone.err).to.contain('PACS_UNREACHABLE');
      expect(gone.document.sent).to.equal(0);
      const unheard = (await booked()).filter(({ to }) => to.endsWith(':9'));
      expect(unheard).to.deep.equal([]); // nothing left
    });
  });
});
