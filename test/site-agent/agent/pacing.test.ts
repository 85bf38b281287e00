import { expect } from 'chai';
import { Pacing } from '@fedoxnet/site-agent/agent/pacing';

describe('pacing', () => {
  it('lets one message through per interval and keeps the newest of the others', () => {
    const sent: number[] = [];
    let now = 1000;
    const pacing = new Pacing<number>(
      250,
      (message) => sent.push(message),
      () => now,
    );
    for (const [at, message] of [
      [0, 1],
      [100, 2],
      [249, 3],
      [250, 4],
      [260, 5],
    ] as const) {
      now = 1000 + at;
      pacing.offer(message);
    }
    expect(sent).to.deep.equal([1, 4]);
    pacing.flush();
    expect(sent).to.deep.equal([1, 4, 5]);
    pacing.flush();
    expect(sent, 'nothing waits any more').to.deep.equal([1, 4, 5]);
  });
});
