import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { Association } from '@fedoxnet/site-agent/data/pacs/dimse/association';
import { COMMAND } from '@fedoxnet/site-agent/data/pacs/dimse/command-set';
import { readDicomTls, type DicomTls } from '@fedoxnet/site-agent/data/pacs/dimse/dicom-tls';
import { StorageReceiver } from '@fedoxnet/site-agent/data/pacs/dimse/storage-receiver';
import { VERIFICATION } from '@fedoxnet/site-agent/data/pacs/dimse/uids';
import { makeCertificate, type Certificate } from '../../../../support/certificate.js';
import { rejection } from '../../../../support/rejection.js';
import { skipBecause } from '../../../../support/skip-because.js';
import { scratchFolder } from '../../../agent/support/scratch.js';

const IMPLICIT = '1.2.840.10008.1.2';

describe('DICOM over TLS', () => {
  const folder = scratchFolder();
  let authority: Certificate;
  let site: Certificate;
  beforeEach(async function () {
    const made = await makeCertificate(folder(), 'authority');
    if (typeof made === 'string') skipBecause(this, made);
    authority = made;
    site = (await makeCertificate(folder(), 'site', { authority })) as Certificate;
  });

  const tlsOf = (own: Certificate | null, ca: string, serverName?: string): Promise<DicomTls> =>
    readDicomTls(
      {
        caFile: ca,
        ...(own !== null && { certificateFile: own.cert, keyFile: own.key }),
        ...(serverName !== undefined && { serverName }),
      },
      null,
    );

  /** C-ECHO to a receiver of ours. @returns what went wrong, or the status */
  async function echo(ofReceiver: DicomTls | null, ofCaller: DicomTls | null) {
    const receiver = await StorageReceiver.listen({
      ...{ host: '127.0.0.1', port: 0, ae: 'PACS', senderAe: 'SITE', tls: ofReceiver },
      ...{ timeoutMs: 3000, associations: 2 },
    });
    const target = { host: '127.0.0.1', port: receiver.port, calledAe: 'PACS', callingAe: 'SITE' };
    const contexts = [{ id: 1, abstractSyntax: VERIFICATION, transferSyntaxes: [IMPLICIT] }];
    try {
      const association = await Association.request(
        { ...target, tls: ofCaller, timeoutMs: 3000 },
        ...([contexts, [], new AbortController().signal] as const),
      );
      association.send(1, { field: COMMAND.echoRequest, sopClass: VERIFICATION });
      const { command } = await association.answer();
      await association.release();
      return { status: command.status, refused: receiver.refusedTls };
    } finally {
      await receiver.close();
    }
  }

  it('is spoken where both sides show certificates of an authority that both trust', async () => {
    const tls = await tlsOf(site, authority.cert);
    expect(await echo(tls, tls)).to.deep.equal({ status: 0, refused: null });
  });

  it('trusts a certificate that signed itself, where that is what the file holds', async () => {
    const alone = (await makeCertificate(folder(), 'alone')) as Certificate;
    const pacs = await tlsOf(alone, authority.cert);
    expect(await echo(pacs, await tlsOf(site, alone.cert))).to.deep.equal({ status: 0, refused: null });
  });

  it('sends nothing to a PACS whose certificate another authority signed', async () => {
    const other = (await makeCertificate(folder(), 'other')) as Certificate;
    const failure = await rejection(echo(await tlsOf(site, authority.cert), await tlsOf(site, other.cert)));
    expect(failure.code).to.equal('PACS_UNTRUSTED');
    expect(failure.message).to.include('who signed it is unknown');
  });

  it('wants the name of the PACS in its certificate, or the one that is set', async () => {
    const names = 'DNS:pacs.hospital';
    const named = (await makeCertificate(folder(), 'named', { authority, names })) as Certificate;
    const pacs = await tlsOf(named, authority.cert);
    const failure = await rejection(echo(pacs, await tlsOf(site, authority.cert)));
    expect(failure.code).to.equal('PACS_UNTRUSTED');
    expect(failure.message).to.include('another name (DNS:pacs.hospital)');
    const set = await tlsOf(site, authority.cert, 'pacs.hospital');
    expect(await echo(pacs, set)).to.deep.include({ status: 0 });
  });

  it('listens to nobody without a certificate that it trusts, and tells the caller why', async () => {
    const receiver = await tlsOf(site, authority.cert);
    const without = await rejection(echo(receiver, await tlsOf(null, authority.cert)));
    expect(without.code).to.equal('PACS_REFUSED');
    expect(without.message).to.include('certificate required').and.include('a certificate of ours');
    const stranger = (await makeCertificate(folder(), 'stranger')) as Certificate;
    const unknown = await rejection(echo(receiver, await tlsOf(stranger, authority.cert)));
    expect(unknown.message).to.include('another certificate');
  });

  it('says so when one side speaks it and the other does not', async () => {
    const tls = await tlsOf(site, authority.cert);
    expect((await rejection(echo(tls, null))).message).to.include('dimse.tls');
    expect((await rejection(echo(null, tls))).message).to.include('no TLS');
  });

  it('names the file that is wrong, before anything is called', async () => {
    const read = (fields: object, now?: Date) => rejection(readDicomTls(fields, folder(), now));
    const message = async (fields: object, now?: Date) => (await read(fields, now)).message;
    expect((await read({ caFile: 'nowhere.pem' })).code).to.equal('CONFIG_INVALID');
    expect(await message({ caFile: 'nowhere.pem' })).to.include(join(folder(), 'nowhere.pem'));
    await writeFile(join(folder(), 'text.pem'), 'no certificate');
    expect(await message({ caFile: 'text.pem' })).to.include('no certificate in PEM');
    await writeFile(
      join(folder(), 'torn.pem'),
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
    );
    expect(await message({ caFile: 'torn.pem' })).to.include('damaged certificate');
    expect(await message({ caFile: 'site.crt' }, new Date(Date.now() + 3 * 86_400_000))).to.include(
      'CN=site was valid until',
    );
    expect(await message({ caFile: 'site.crt' }, new Date(Date.now() - 86_400_000))).to.include(
      'is not valid before',
    );
    const pair = { certificateFile: 'site.crt', keyFile: 'authority.key' };
    expect(await message(pair)).to.include('authority.key is not that of the certificate');
    expect(await message({ ...pair, keyFile: 'site.crt' })).to.match(/Others may read|no private key/);
    await chmod(site.key, 0o640);
    expect(await message({ ...pair, keyFile: 'site.key' })).to.include('mode 0640');
  });
});
