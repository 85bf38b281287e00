import { expect } from 'chai';
import { Recent } from '@fedoxnet/coordinator/http/recent';

describe('recent answers', () => {
  const clocks = { wall: Date.now, steady: performance.now.bind(performance) };
  afterEach(() => {
    Date.now = clocks.wall;
    performance.now = clocks.steady;
  });

  it('are used again for a second, one for each question', async () => {
    let at = 0;
    let asked = 0;
    const recent = new Recent<number>(() => at);
    const get = (question: string): Promise<number> => recent.get(question, () => Promise.resolve(++asked));
    expect([await get('a'), await get('a'), await get('b')]).to.deep.equal([1, 1, 2]);
    at = 999;
    expect(await get('a')).to.equal(1);
    at = 1000;
    expect(await get('a')).to.equal(3);
  });

  it('are not kept when they failed', async () => {
    const recent = new Recent<string>(() => 0);
    const failed = recent.get('a', () => Promise.reject(new Error('revoked')));
    expect(await failed.catch((error: Error) => error.message)).to.equal('revoked');
    expect(await recent.get('a', () => Promise.resolve('found'))).to.equal('found');
  });

  it('do not outlive their second when the clock is set back', async () => {
    let at = 5_000;
    performance.now = () => at;
    Date.now = () => 1_800_000_000_000;
    const recent = new Recent<string>();
    await recent.get('a', () => Promise.resolve('before'));
    Date.now = () => 1_800_000_000_000 - 3_600_000;
    at += 1_000;
    expect(await recent.get('a', () => Promise.resolve('after'))).to.equal('after');
  });
});
