import { expect } from 'chai';
import { ShutOuts } from '@fedoxnet/coordinator/sockets/shut-outs';

describe('who was shut out', () => {
  it('is out for whatever began before, and not for what begins after', () => {
    const out = new ShutOuts();
    const before = out.moment;
    expect(out.since(before, 'a')).to.equal(false);
    out.add('a');
    const after = out.moment;
    expect([out.since(before, 'a'), out.since(after, 'a')]).to.deep.equal([true, false]);
    out.add('b');
    expect([out.since(after, 'a'), out.since(after, 'b')], 'others are not meant').to.deep.equal([
      false,
      true,
    ]);
    out.add('a');
    expect(out.since(after, 'a'), 'again').to.equal(true);
  });
});
