import { expect } from 'chai';
import { inOrder } from '@fedoxnet/site-agent/data/pacs/in-order';

describe('inOrder', () => {
  it('begins no more than is asked for and some ahead, and keeps the order of the things', async () => {
    const begun: number[] = [];
    const ends: (() => void)[] = [];
    const results = inOrder([0, 1, 2, 3], 2, async (thing) => {
      begun.push(thing);
      await new Promise<void>((resolve) => (ends[thing] = resolve));
      return thing;
    });
    const first = results.next();
    expect(begun).to.deep.equal([0, 1]);
    ends[1]?.(); // the later one is ready first
    ends[0]?.();
    expect(await first).to.deep.equal({ done: false, value: 0 });
    const rest = (async () => {
      const values: number[] = [];
      for await (const value of results) values.push(value);
      return values;
    })();
    for (const thing of [2, 3]) {
      while (ends[thing] === undefined) await new Promise(setImmediate);
      ends[thing]?.();
    }
    expect(await rest).to.deep.equal([1, 2, 3]);
  });

  it('fails where the work of a thing failed, after the things before it', async () => {
    const results = inOrder([1, 2, 3], 3, (thing) =>
      thing === 2 ? Promise.reject(new Error('no')) : Promise.resolve(thing),
    );
    expect((await results.next()).value).to.equal(1);
    const failure = await results.next().then(
      () => null,
      (error: unknown) => error,
    );
    expect(failure).to.include({ message: 'no' });
  });
});
