import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { WebPacs } from '@fedoxnet/site-agent/data/pacs/dicomweb/web-pacs';
import { FilmNotGiven } from '@fedoxnet/site-agent/data/pacs/pacs-failure';
import { PacsSecret } from '@fedoxnet/site-agent/data/pacs/pacs-secret';
import { rejection } from '../../../../support/rejection.js';

const FILM = { study: '1.1', series: '1.2', instance: '1.3' };
const ALL = { modality: 'DX', from: null, to: null };

const study = (uid: string) => ({ '0020000D': { vr: 'UI', Value: [uid] } });

describe('DICOMweb server', () => {
  let server: Server;
  const asked: string[] = [];
  let answer: (request: IncomingMessage, response: ServerResponse) => void = () => undefined;
  before(async () => {
    server = createServer((request, response) => {
      asked.push(request.url ?? '');
      answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => (asked.length = 0));

  const signal = new AbortController().signal;
  const ask = async <T>(work: (pacs: WebPacs) => Promise<T>): Promise<T> => {
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/dicom-web/`;
    const pacs = new WebPacs({ url, secret: new PacsSecret(null, 't0ken'), timeoutMs: 300, connections: 2 });
    try {
      return await work(pacs);
    } finally {
      await pacs.close();
    }
  };
  const json = (response: ServerResponse, value: unknown, status = 200) =>
    response.writeHead(status, { 'content-type': 'application/dicom+json' }).end(JSON.stringify(value));
  const refused = (work: (pacs: WebPacs) => Promise<unknown>) => rejection(ask(work));

  it('is asked below its root, with the secret in its header', async () => {
    answer = ({ headers }, response) =>
      json(response, headers.authorization === 'Bearer t0ken' && asked.length === 1 ? [study('1.1')] : []);
    const query = { modality: 'DX', from: '20240101', to: '20240131' };
    expect(await ask((pacs) => pacs.studies(query, signal))).to.deep.equal(['1.1']);
    expect(asked).to.deep.equal([
      '/dicom-web/studies?ModalitiesInStudy=DX&StudyDate=20240101-20240131&limit=200&offset=0',
      '/dicom-web/studies?ModalitiesInStudy=DX&StudyDate=20240101-20240131&limit=200&offset=1',
    ]);
  });

  it('may give shorter pages than asked, end with 204, or give the same page for ever', async () => {
    const pages = [[study('1.1'), study('1.2')], [study('1.3')]];
    answer = (_, response) => {
      const page = pages[asked.length - 1];
      if (page === undefined) response.writeHead(204).end();
      else json(response, page);
    };
    expect(await ask((pacs) => pacs.studies(ALL, signal))).to.deep.equal(['1.1', '1.2', '1.3']);
    answer = (_, response) => json(response, [study('1.1')]);
    expect(await ask((pacs) => pacs.studies(ALL, signal))).to.deep.equal(['1.1']);
  });

  it('may name what is no UID, or nothing: that is not asked for', async () => {
    const odd = [
      study('1.1'),
      study('../../etc'),
      {},
      { '0020000D': { vr: 'UI', Value: [7] } },
      study(`1.${'2'.repeat(64)}`),
    ];
    answer = (_, response) => json(response, odd);
    expect(await ask((pacs) => pacs.studies(ALL, signal))).to.deep.equal(['1.1']);
  });

  it('may give a film in parts or by itself', async () => {
    answer = (_, response) =>
      response
        .writeHead(200, { 'content-type': 'multipart/related; type="application/dicom"; boundary=b' })
        .end('--b\r\nContent-Type: application/dicom\r\n\r\nfilm\r\n--b--\r\n');
    expect(Buffer.from(await ask((pacs) => pacs.fetch(FILM, signal))).toString()).to.equal('film');
    expect(asked).to.deep.equal(['/dicom-web/studies/1.1/series/1.2/instances/1.3']);
    answer = (_, response) => response.writeHead(200, { 'content-type': 'application/dicom' }).end('alone');
    expect(Buffer.from(await ask((pacs) => pacs.fetch(FILM, signal))).toString()).to.equal('alone');
  });

  it('that breaks off within a film has given none', async () => {
    answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'multipart/related; boundary=b', 'content-length': '1000' });
      response.write('--b\r\n\r\nhalf a film', () => response.destroy());
    };
    expect(await refused((pacs) => pacs.fetch(FILM, signal))).to.include({ code: 'PACS_UNREACHABLE' });
  });

  it('sends nobody elsewhere, and the secret to nobody else', async () => {
    answer = (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
    const error = await refused((pacs) => pacs.echo(signal));
    expect(error).to.include({ code: 'PACS_ANSWER_INVALID' });
    expect(asked).to.have.length(1);
  });

  const statuses = [
    [401, 'PACS_REFUSED'],
    [403, 'PACS_REFUSED'],
    [404, 'PACS_ANSWER_INVALID'],
    [429, 'PACS_UNREACHABLE'],
    [503, 'PACS_UNREACHABLE'],
  ] as const;
  for (const [status, code] of statuses)
    it(`that answers a search with ${status} is ${code}`, async () => {
      answer = (_, response) => json(response, {}, status);
      expect(await refused((pacs) => pacs.echo(signal))).to.include({ code });
    });

  it('that answers for a film with 404 or 500 does not give this film', async () => {
    for (const status of [404, 500]) {
      answer = (_, response) => json(response, {}, status);
      const error = await ask((pacs) => pacs.fetch(FILM, signal)).catch((thrown: unknown) => thrown);
      expect(error, `${status}`).to.be.instanceOf(FilmNotGiven);
    }
  });

  it('that answers a search with a login page, or with no JSON, is none', async () => {
    for (const [type, body] of [
      ['text/html', '<html>'],
      ['application/dicom+json', '{"studies":'],
      ['application/dicom+json', '{"a":1}'],
    ] as const) {
      answer = (_, response) => response.writeHead(200, { 'content-type': type }).end(body);
      expect(await refused((pacs) => pacs.echo(signal)), body).to.include({ code: 'PACS_ANSWER_INVALID' });
    }
  });

  it('that says nothing is not waited for', async () => {
    answer = () => undefined;
    const error = await refused((pacs) => pacs.echo(signal));
    expect(error).to.include({ code: 'PACS_UNREACHABLE' });
    expect(error.message).to.include('no sign of life for 0.3 s');
  });
});
