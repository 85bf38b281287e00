import { expect } from 'chai';
import {
  boundaryOf,
  MultipartInvalid,
  readParts,
} from '@fedoxnet/site-agent/data/pacs/dicomweb/multipart-related';

const BODY = [
  'preamble that is passed over',
  '--b0undary',
  'Content-Type: application/dicom',
  'X-Odd:  two words ',
  '',
  'first\r\n--b0undar is no boundary',
  '--b0undary',
  '',
  '',
  '--b0undary--',
  'epilogue',
].join('\r\n');

async function* cut(text: string, ...at: readonly number[]): AsyncGenerator<Buffer> {
  let from = 0;
  for (const end of [...at, text.length]) {
    yield Buffer.from(text.slice(from, end), 'latin1');
    from = end;
  }
}

async function parts(source: AsyncIterable<Buffer>, maxBytes = 100): Promise<string[]> {
  const found: string[] = [];
  for await (const { headers, body } of readParts(source, 'b0undary', maxBytes))
    found.push(
      `${[...headers].map(([name, value]) => `${name}=${value}`).join(';')}|${body.toString('latin1')}`,
    );
  return found;
}

async function invalid(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.catch((thrown: unknown) => thrown);
  expect(error).to.be.instanceOf(MultipartInvalid);
  return (error as Error).message;
}

describe('multipart body', () => {
  const whole = ['content-type=application/dicom;x-odd=two words|first\r\n--b0undar is no boundary', '|'];

  it('gives its parts, wherever the stream is cut', async () => {
    expect(await parts(cut(BODY))).to.deep.equal(whole);
    for (let at = 1; at < BODY.length; at++)
      expect(await parts(cut(BODY, at)), `cut at ${at}`).to.deep.equal(whole);
    expect(
      await parts(cut(BODY, ...Array.from({ length: BODY.length - 1 }, (_, at) => at + 1))),
    ).to.deep.equal(whole);
  });

  it('may begin with its boundary', async () => {
    expect(await parts(cut(BODY.slice(BODY.indexOf('--b0undary'))))).to.deep.equal(whole);
  });

  it('that ends early is refused, not taken for whole', async () => {
    for (const end of [0, 10, BODY.indexOf('first') + 3, BODY.indexOf('--b0undary--') + 8])
      expect(await invalid(parts(cut(BODY.slice(0, end)))), `cut off at ${end}`).to.include('ends before');
  });

  it('with a part larger than allowed is refused before it is held', async () => {
    const length = 'first\r\n--b0undar is no boundary'.length;
    expect(await parts(cut(BODY), length)).to.have.length(2);
    expect(await invalid(parts(cut(BODY), length - 1))).to.include(`${length - 1} bytes`);
  });

  it('has its boundary in the content type, with or without quotation marks', () => {
    expect(boundaryOf('multipart/related; type="application/dicom"; boundary=a-b.c')).to.equal('a-b.c');
    expect(boundaryOf('Multipart/Related;boundary="a b=c"; type=x')).to.equal('a b=c');
    expect(boundaryOf('application/dicom')).to.equal(null);
    expect(boundaryOf('multipart/related; type=x')).to.equal(null);
  });
});
