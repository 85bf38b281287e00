import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { inspect } from 'node:util';
import { join } from 'node:path';
import { expect } from 'chai';
import { PacsSecret, readPacsSecret } from '@fedoxnet/site-agent/data/pacs/pacs-secret';
import { chosenWay, openPacs, readPacsSettings } from '@fedoxnet/site-agent/data/pacs/pacs-settings';
import { rejection } from '../../../support/rejection.js';
import { scratchFolder } from '../../agent/support/scratch.js';

const URL_OF_WEB = 'https://pacs.example/dicom-web';

describe('settings of the PACS', () => {
  const home = scratchFolder();
  const write = (settings: object) => writeFile(join(home(), 'pacs.json'), JSON.stringify(settings));

  it('have defaults that are gentle', async () => {
    await write({ dimse: { pacs: 'PACS@[::1]:104' } });
    expect(await readPacsSettings(home())).to.deep.equal({
      dimse: {
        pacs: { calledAe: 'PACS', host: '::1', port: 104 },
        ...{ ae: 'FEDOXNET', retrieve: 'get', storePort: 11_112, storeHost: '0.0.0.0' },
      },
      modalities: ['CR', 'DX'],
      ...{ connections: 2, timeoutSeconds: 60, attempts: 8 },
    });
  });

  it('are the file, with single fields replaced by options', async () => {
    await write({ dimse: { pacs: 'PACS@host:104', ae: 'SITE' }, hours: '19:00-06:00', modalities: ['CR'] });
    const settings = await readPacsSettings(home(), { dimse: { retrieve: 'move' }, filmsPerSecond: 3 });
    expect(settings?.dimse).to.include({ ae: 'SITE', retrieve: 'move' });
    expect(settings).to.deep.include({
      hours: { text: '19:00-06:00', from: 1140, until: 360 },
      filmsPerSecond: 3,
      modalities: ['CR'],
    });
    expect(await readPacsSettings(null, { dicomweb: { url: URL_OF_WEB } })).to.have.property('dicomweb');
  });

  it('are absent without a file and options, and wrong without a PACS in them', async () => {
    expect(await readPacsSettings(home())).to.equal(null);
    expect(await readPacsSettings(null)).to.equal(null);
    await write({ hours: '19:00-06:00' });
    expect((await rejection(readPacsSettings(home()))).message).to.include('neither dicomweb nor dimse');
  });

  const wrong: readonly [what: string, settings: object, says: string][] = [
    ['an unknown field', { dimse: { pacs: 'A@h:1' }, hour: '1' }, 'hour'],
    ['a PACS without a port', { dimse: { pacs: 'A@host' } }, 'AETITLE@host:port'],
    ['a port that is none', { dimse: { pacs: 'A@host:70000' } }, 'AETITLE@host:port'],
    ['an AE title of 17 characters', { dimse: { pacs: 'A@h:1', ae: 'ABCDEFGHIJKLMNOPQ' } }, 'dimse.ae'],
    ['an AE title with a backslash', { dimse: { pacs: 'A@h:1', ae: 'A\\B' } }, 'dimse.ae'],
    ['hours that are none', { dimse: { pacs: 'A@h:1' }, hours: 'at night' }, 'hours such as 19:00-06:00'],
    ['a URL that is none', { dicomweb: { url: 'pacs.example' } }, 'dicomweb.url'],
    ['a password in the URL', { dicomweb: { url: 'https://a:b@pacs.example' } }, 'secretFile'],
  ];
  for (const [what, settings, says] of wrong)
    it(`refuse ${what}, and name it`, async () => {
      await write(settings);
      const { code, message } = await rejection(readPacsSettings(home()));
      expect(code).to.equal('CONFIG_INVALID');
      expect(message).to.include(join(home(), 'pacs.json')).and.include(says);
    });

  it('choose the way: as set, else the only one, else DICOMweb', async () => {
    const dicomweb = { url: URL_OF_WEB };
    const dimse = { pacs: 'A@h:1', retrieve: 'move' as const };
    const way = async (settings: object) => {
      await write(settings);
      const read = await readPacsSettings(home());
      return read === null ? expect.fail('no settings') : chosenWay(read);
    };
    expect(await way({ dicomweb, dimse })).to.equal('dicomweb');
    expect(await way({ dicomweb, dimse, by: 'dimse' })).to.equal('move');
    expect(await way({ dimse })).to.equal('move');
    expect((await rejection(way({ dimse, by: 'dicomweb' }))).code).to.equal('CONFIG_INVALID');
  });

  it('read the secret relative to the home', async () => {
    await write({ dicomweb: { url: URL_OF_WEB, secretFile: 'no-such-file' } });
    const settings = await readPacsSettings(home());
    const error = await rejection(openPacs(settings ?? expect.fail(), 'dicomweb', home()));
    expect(error.message).to.include(join(home(), 'no-such-file'));
  });
});

describe('secret of the PACS', () => {
  const folder = scratchFolder();
  const file = async (text: string, mode = 0o600) => {
    await mkdir(folder(), { recursive: true });
    const path = join(folder(), 'secret');
    await writeFile(path, text);
    await chmod(path, mode);
    return path;
  };

  it('is the first line of a private file, as user and password or as a token', async () => {
    const path = await file('pass word\nmore\n');
    // base64 of "ada:pass word"
    expect((await readPacsSecret('ada', path, {}))?.header()).to.equal('Basic YWRhOnBhc3Mgd29yZA==');
    expect((await readPacsSecret(null, await file('t0ken\r\n'), {}))?.header()).to.equal('Bearer t0ken');
  });

  it('may come by the environment instead', async () => {
    const environment = { FEDOXNET_PACS_SECRET: 't0ken' };
    expect((await readPacsSecret(null, null, environment))?.header()).to.equal('Bearer t0ken');
    expect(await readPacsSecret(null, null, {})).to.equal(null);
    expect((await rejection(readPacsSecret('ada', null, {}))).message).to.include('FEDOXNET_PACS_SECRET');
  });

  it('that others may read, or that is empty or no header value, is refused', async () => {
    expect((await rejection(readPacsSecret('ada', await file('x', 0o640), {}))).message).to.include(
      'chmod 600',
    );
    expect((await rejection(readPacsSecret('ada', await file('\n'), {}))).message).to.include('no password');
    expect((await rejection(readPacsSecret(null, await file('a\tb'), {}))).message).to.include('no token');
  });

  it('does not show when it is printed or made JSON', () => {
    const secret = new PacsSecret('ada', 'hush');
    for (const text of [inspect(secret, { showHidden: true, depth: 9 }), JSON.stringify(secret)])
      expect(text).to.not.match(/hush|YWRhOmh1c2g|Basic/);
  });
});
