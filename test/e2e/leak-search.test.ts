import { randomBytes } from 'node:crypto';
import { deflateSync, gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { findLeaks } from './support/leak-search.js';

/** A search that finds nothing proves nothing unless it would have found something. */
describe('leak search', () => {
  const bytes = Buffer.from('The pixels of a film, row after row, brighter where the bone is. '.repeat(8));
  const noise = () => randomBytes(1001);
  const around = (planted: Uint8Array) =>
    findLeaks(Buffer.concat([noise(), planted, noise()]), [{ name: 'film', bytes }]);

  it('finds 32 bytes of the secret wherever they were cut out', () => {
    for (let at = 0; at < 40; at++)
      expect(around(bytes.subarray(at, at + 32)), `cut at ${at}`).to.deep.equal(['film as bytes']);
  });

  it('finds it as base64 in every alignment, as hexadecimal and deflated', () => {
    for (const shift of [0, 1, 2]) {
      expect(around(Buffer.from(bytes.subarray(shift).toString('base64')))).to.deep.equal(['film as base64']);
    }
    expect(around(Buffer.from(bytes.toString('hex')))).to.deep.equal(['film as hexadecimal']);
    expect(around(deflateSync(bytes))).to.deep.equal(['film as deflated']);
    expect(around(gzipSync(bytes))).to.deep.equal(['film as deflated']);
  });

  it('finds nothing in noise', () => {
    expect(around(noise())).to.deep.equal([]);
  });
});
