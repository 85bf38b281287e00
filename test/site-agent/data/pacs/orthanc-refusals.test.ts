import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { CheckLine } from '@fedoxnet/site-agent/check/check';
import { siteDocument } from '../../cli/support/site-command.js';
import { phantomDicom } from '../dicom/phantom-dicom.js';
import { SiteOfOrthanc } from './support/site-of-orthanc.js';

describe('an Orthanc whose settings may be wrong', () => {
  const site = new SiteOfOrthanc(() => [phantomDicom({ number: 1 })]);

  const refusals: readonly [what: string, options: () => string[], code: string, says: string][] = [
    [
      'a wrong password',
      () => ['--by', 'dicomweb', '--secret-file', join(site.home, 'wrong')],
      'PACS_REFUSED',
      'status 401',
    ],
    [
      'a wrong path',
      () => ['--by', 'dicomweb', '--dicomweb', site.orthanc.webUrl.replace('dicom-web', 'elsewhere')],
      'PACS_ANSWER_INVALID',
      'status 404',
    ],
    [
      'a wrong AE title of the PACS',
      () => ['--by', 'get', '--pacs', `OTHER@127.0.0.1:${site.orthanc.dicomPort}`],
      'PACS_REFUSED',
      'does not answer to the AE title OTHER',
    ],
    [
      'an AE title of ours that it does not know',
      () => ['--by', 'get', '--ae', 'STRANGER'],
      'PACS_REFUSED',
      'may not ask',
    ],
    [
      'the port of another service',
      () => ['--by', 'get', '--pacs', site.orthanc.webUrl.replace(/^http:\/\/([^/]*).*$/, 'TESTPACS@$1')],
      'PACS_',
      '127.0.0.1',
    ],
    [
      'a dead server',
      () => ['--by', 'get', '--pacs', 'TESTPACS@127.0.0.1:1'],
      'PACS_UNREACHABLE',
      'ECONNREFUSED',
    ],
    ['a dead web server', () => ['--dicomweb', 'http://127.0.0.1:1/x'], 'PACS_UNREACHABLE', 'ECONNREFUSED'],
  ];
  for (const [what, options, code, says] of refusals)
    it(`says what is wrong: ${what}`, async () => {
      await writeFile(join(site.home, 'wrong'), 'wrong\n', { mode: 0o600 });
      const { document, status } = await site.pull('--timeout', '5', ...options());
      const { error } = document as unknown as { error: { code: string; message: string } };
      expect(error.code).to.include(code);
      expect(error.message).to.include(says);
      expect(status).to.be.oneOf([69, 76, 77]);
    });

  it('C-MOVE to an AE title that the PACS does not know is refused', async () => {
    // Orthanc admits the caller by its AE title, and looks the destination up by it as well.
    const { document } = await site.pull('--by', 'move', '--ae', 'STRANGER');
    expect(document).to.have.nested.property('error.code', 'PACS_REFUSED');
  });

  it('is what check asks, by each way that is set, with what to do where it does not answer', async () => {
    const lines = async (changes: object = {}) => {
      await site.configure(changes);
      const { status, document } = await siteDocument<{ checks: (CheckLine & { fix?: string })[] }>(
        ...['check', '--home', site.home, '--only', 'pacs'],
      );
      const { checks } = document;
      return { status, states: checks.map(({ name, state }) => `${name} ${state}`), checks };
    };
    const right = await lines();
    expect(right.status).to.equal(0);
    expect(right.states).to.deep.equal(['pacs-dicomweb passed', 'pacs-dimse passed']);
    expect(right.checks[1]?.says).to.include('TESTPACS answers TESTSITE, and offers C-FIND and C-GET');

    const wrong = await lines({
      dicomweb: { url: 'http://127.0.0.1:1/dicom-web' },
      dimse: { pacs: `OTHER@127.0.0.1:${site.orthanc.dicomPort}`, ae: 'TESTSITE' },
    });
    expect(wrong.states).to.deep.equal(['pacs-dicomweb failed', 'pacs-dimse failed']);
    expect(wrong.checks[0]?.fix).to.include('Nothing listens there');
    expect(wrong.checks[1]?.fix).to.include('admit this AE title');
    expect(wrong.status).to.equal(78);

    const one = await lines({ dimse: undefined });
    expect(one.states).to.deep.equal(['pacs-dicomweb passed', 'pacs-dimse skipped']);
  });
});
