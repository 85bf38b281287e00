import { writeFile } from 'node:fs/promises';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect } from 'chai';
import { parseDicomFile } from '@fedoxnet/site-agent/data/dicom/data-set';
import { Association } from '@fedoxnet/site-agent/data/pacs/dimse/association';
import { COMMAND } from '@fedoxnet/site-agent/data/pacs/dimse/command-set';
import { StorageReceiver } from '@fedoxnet/site-agent/data/pacs/dimse/storage-receiver';
import { FilmNotGiven } from '@fedoxnet/site-agent/data/pacs/pacs-failure';
import { rejection } from '../../../../support/rejection.js';
import { scratchFolder } from '../../../agent/support/scratch.js';
import { phantomDicom } from '../../dicom/phantom-dicom.js';
import { requirePrograms } from '../../dicom/programs.js';

const DX = '1.2.840.10008.5.1.4.1.1.1.1';
const EXPLICIT = '1.2.840.10008.1.2.1';

describe('receiver of C-STORE', () => {
  const folder = scratchFolder();
  const signal = new AbortController().signal;
  let receiver: StorageReceiver;
  beforeEach(async () => {
    const limits = { timeoutMs: 5000, associations: 2 };
    receiver = await StorageReceiver.listen({
      ...{ host: '127.0.0.1', port: 0, ae: 'SITE', senderAe: 'PACS', tls: null, ...limits },
    });
  });
  afterEach(() => receiver.close());

  const call = (calledAe: string, callingAe: string) =>
    Association.request(
      { host: '127.0.0.1', port: receiver.port, calledAe, callingAe, tls: null, timeoutMs: 5000 },
      [{ id: 1, abstractSyntax: DX, transferSyntaxes: [EXPLICIT] }],
      [],
      signal,
    );

  async function store(association: Association, sopInstance: string): Promise<number | undefined> {
    const request = { field: COMMAND.storeRequest, sopClass: DX, sopInstance, priority: 0 };
    association.send(1, request, Buffer.from('data'));
    return (await association.answer()).command.status;
  }

  it('takes a film that was asked for, once it is asked for, and no other', async () => {
    const association = await call('SITE', 'PACS');
    expect(await store(association, '2.25.1')).to.equal(0x0124); // not authorised
    const arrival = receiver.expect('2.25.1');
    expect(await store(association, '2.25.2')).to.equal(0x0124);
    expect(arrival.isHere()).to.equal(false);
    expect(await store(association, '2.25.1')).to.equal(0);
    expect(arrival.isHere()).to.equal(true);
    const file = Buffer.from(await arrival.within(1000, signal));
    expect(file.subarray(-4).toString()).to.equal('data');
    arrival.forget();
    expect(await store(association, '2.25.1')).to.equal(0x0124);
    await association.release();
  });

  it('knows its own AE title and that of the PACS, and no others', async () => {
    expect((await rejection(call('OTHER', 'PACS'))).message).to.include('AE title OTHER');
    expect((await rejection(call('SITE', 'STRANGER'))).message).to.include('AE title STRANGER');
  });

  it('holds a few associations and turns the next away for now', async () => {
    const held = [await call('SITE', 'PACS'), await call('SITE', 'PACS')];
    expect((await rejection(call('SITE', 'PACS'))).code).to.equal('PACS_UNREACHABLE');
    await Promise.all(held.map((association) => association.release()));
  });

  it('gives up on a film that does not come', async () => {
    const error = await receiver
      .expect('2.25.1')
      .within(10, signal)
      .catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(FilmNotGiven);
  });

  it('says so when the port is taken', async () => {
    const options = { host: '127.0.0.1', port: receiver.port, ae: 'SITE', senderAe: 'PACS', tls: null };
    const error = await rejection(StorageReceiver.listen({ ...options, timeoutMs: 1000, associations: 1 }));
    expect(error.code).to.equal('PORT_IN_USE');
  });

  it('understands echoscu and storescu of dcmtk', async function () {
    requirePrograms(this, 'echoscu', 'storescu');
    const film = phantomDicom({ number: 1 });
    const path = join(folder(), 'film.dcm');
    await writeFile(path, film);
    const peer = ['-aet', 'PACS', '-aec', 'SITE', '127.0.0.1', String(receiver.port)];
    const run = async (program: string, ...args: string[]): Promise<number> => {
      const child = spawn(program, [...args.slice(0, 1), ...peer, ...args.slice(1)], { stdio: 'ignore' });
      return ((await once(child, 'exit')) as [number])[0];
    };
    expect(await run('echoscu', '-q')).to.equal(0);
    const arrival = receiver.expect('2.25.1');
    expect(await run('storescu', '-q', path)).to.equal(0);
    const { dataSet, syntax } = parseDicomFile(await arrival.within(1000, signal));
    expect(syntax.uid).to.equal(EXPLICIT);
    expect(dataSet.string('x00020003')).to.equal('2.25.1');
    expect(dataSet.element('x7fe00010')?.length).to.equal(256 * 256);
  });
});
