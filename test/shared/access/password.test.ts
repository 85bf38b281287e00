import { scryptSync } from 'node:crypto';
import { expect } from 'chai';
import { hashPassword, password, verifyPassword } from '@fedoxnet/shared/access/password';

describe('passwords', () => {
  it('are kept as scrypt of their text with a salt of their own', async () => {
    const [first, second] = [
      await hashPassword('correct horse battery'),
      await hashPassword('correct horse battery'),
    ];
    expect(first).to.not.equal(second);
    const [kind, N, r, p, salt, key] = first.split('$');
    expect([kind, N, r, p]).to.deep.equal(['scrypt', '32768', '8', '3']);
    const expected = scryptSync('correct horse battery', Buffer.from(salt!, 'base64'), 32, {
      N: 32768,
      r: 8,
      p: 3,
      maxmem: 2 ** 27,
    });
    expect(key).to.equal(expected.toString('base64'));
    expect(await verifyPassword('correct horse battery', first)).to.equal(true);
    expect(await verifyPassword('correct horse batterz', first)).to.equal(false);
  });

  it('are the same however the keyboard composes a letter', async () => {
    const composed = 'pass\u00e9s simples ici';
    expect(await verifyPassword(composed.normalize('NFD'), await hashPassword(composed))).to.equal(true);
  });

  it('of somebody unknown are wrong', async () => {
    expect(await verifyPassword('', null)).to.equal(false);
  });

  it('have 12 to 200 characters', () => {
    const lengths = [11, 12, 200, 201].map((length) => password.safeParse('x'.repeat(length)).success);
    expect(lengths).to.deep.equal([false, true, true, false]);
  });
});
