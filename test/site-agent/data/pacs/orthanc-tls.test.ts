import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { CheckLine } from '@fedoxnet/site-agent/check/check';
import { makeCertificate, type Certificate } from '../../../support/certificate.js';
import { startOrthanc, type Orthanc } from '../../../support/orthanc.js';
import { skipBecause } from '../../../support/skip-because.js';
import { siteDocument } from '../../cli/support/site-command.js';
import { FOUND, paths, reportFolder } from '../../reports/dicom/sample-report.js';
import { phantomDicom } from '../dicom/phantom-dicom.js';

const FILMS = 3;

interface Document {
  readonly error?: { readonly code: string; readonly message: string };
  readonly fetched?: number;
  readonly sent?: number;
  readonly checks?: readonly (CheckLine & { fix?: string })[];
}

const site = siteDocument<Document>;

describe('an Orthanc that speaks DICOM over TLS alone', () => {
  const { folder, report } = reportFolder();
  const home = (): string => join(folder(), 'home');
  let keys: string;
  let orthanc: Orthanc;
  let tls: { caFile: string; certificateFile: string; keyFile: string };

  before(async function () {
    keys = await mkdtemp(join(tmpdir(), 'fedoxnet-keys-'));
    const authority = await makeCertificate(keys, 'authority');
    if (typeof authority === 'string') skipBecause(this, authority);
    const pacs = (await makeCertificate(keys, 'pacs', { authority })) as Certificate;
    const ours = (await makeCertificate(keys, 'ours', { authority })) as Certificate;
    tls = { caFile: authority.cert, certificateFile: ours.cert, keyFile: ours.key };
    const started = await startOrthanc({
      tls: { certificate: pacs.cert, key: pacs.key, trusted: authority.cert },
    });
    if (typeof started === 'string') skipBecause(this, started);
    orthanc = started;
    for (let number = 1; number <= FILMS; number++) await orthanc.upload(phantomDicom({ number }));
  });
  after(async () => {
    await orthanc?.stop();
    await rm(keys, { recursive: true });
  });

  async function configure(changes: object): Promise<void> {
    await mkdir(home(), { recursive: true });
    const { aeTitle, dicomPort, clientAe: ae, storePort } = orthanc;
    const pacs = `${aeTitle}@127.0.0.1:${dicomPort}`;
    await writeFile(
      join(home(), 'pacs.json'),
      JSON.stringify({
        dimse: { pacs, ae, storePort, storeHost: '127.0.0.1', ...changes },
        ...{ timeoutSeconds: 10, attempts: 1 },
      }),
    );
    const destination = { dimse: { to: pacs, ae, ...changes } };
    await writeFile(join(home(), 'findings.json'), JSON.stringify({ destination }));
  }
  const pull = (by: string, ...more: string[]) =>
    site('pull', '--home', home(), '--out', join(folder(), `data-${by}`), '--by', by, '--val', '0', ...more);

  for (const by of ['get', 'move'])
    it(`is searched and gives its films, by ${by}`, async () => {
      await configure({ tls });
      const { status, document, err } = await pull(by);
      expect([status, document.fetched], err).to.deep.equal([0, FILMS]);
    });

  it('takes the certificates that options name', async () => {
    await configure({});
    const options = [
      '--tls-ca',
      tls.caFile,
      '--tls-certificate',
      tls.certificateFile,
      '--tls-key',
      tls.keyFile,
    ];
    const { status, err } = await pull('get', '--dry-run', ...options);
    expect(status, err).to.equal(0);
  });

  it('takes reports', async () => {
    await configure({ tls });
    const file = paths(await report(phantomDicom({ number: 1 }), FOUND)).report;
    const { status, document, err } = await site('send-reports', '--home', home(), file);
    expect([status, document.sent], err).to.deep.equal([0, 1]);
  });

  it('is checked, with what to do about each way in which it can go wrong', async () => {
    const line = async (changes: object) => {
      await configure(changes);
      const { document } = await site('check', '--home', home(), '--only', 'pacs-dimse');
      const [only] = document.checks ?? [];
      return { state: only?.state, says: only?.says ?? '', fix: only?.fix ?? '' };
    };
    expect(await line({ tls })).to.include({ state: 'passed' });
    expect((await line({})).says).to.include('dimse.tls');
    const { caFile } = tls;
    expect((await line({ tls: { caFile } })).says).to.match(/certificate of ours|another certificate/);
    const unknown = await line({ tls: { ...tls, caFile: tls.certificateFile } });
    expect(unknown.says).to.include('not trusted');
    expect(unknown.fix).to.include('tls.caFile');
    expect((await line({ tls, retrieve: 'get' })).state).to.equal('passed');
  });

  it('does not call us by C-MOVE without a certificate of ours', async () => {
    await configure({ tls: { caFile: tls.caFile }, retrieve: 'move' });
    const { document } = await pull('move');
    expect(document.error?.code).to.equal('CONFIG_INVALID');
    expect(document.error?.message).to.include('tls.certificateFile');
  });
});
