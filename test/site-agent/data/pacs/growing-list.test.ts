import { expect } from 'chai';
import { GrowingList } from '@fedoxnet/site-agent/data/pacs/growing-list';

async function read(list: AsyncIterable<number>): Promise<number[]> {
  const items: number[] = [];
  for await (const item of list) items.push(item);
  return items;
}

describe('GrowingList', () => {
  it('gives every reader all of it, whenever they begin', async () => {
    const list = new GrowingList<number>();
    const early = read(list);
    list.push(1);
    const middle = read(list);
    await new Promise(setImmediate);
    list.push(2);
    list.push(3);
    list.end();
    const all = [1, 2, 3];
    expect(await Promise.all([early, middle, read(list)])).to.deep.equal([all, all, all]);
    expect(list.length).to.equal(3);
  });

  it('lets readers of an empty list go when it ends', async () => {
    const list = new GrowingList<number>();
    const reading = read(list);
    list.end();
    expect(await reading).to.deep.equal([]);
  });
});
