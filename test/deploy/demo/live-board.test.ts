import { LiveBoard, type SiteNow } from '#demo/live-board';
import { expect } from 'chai';
import { describe, it } from 'mocha';

const now = (step: number): SiteNow => ({
  round: 2,
  phase: 'train',
  step,
  steps: 40,
  loss: 1.5,
  filmsPerSecond: 3.25,
  bytesSent: 2_500_000,
});

function stream(isTTY: boolean) {
  const written: string[] = [];
  return { isTTY, written, write: (text: string) => written.push(text) };
}

describe('the live board', () => {
  it('shows round, step, loss, speed and bytes of a site', () => {
    const out = stream(false);
    new LiveBoard(out, ['site-a']).update('site-a', now(7));
    expect(out.written.join('')).to.match(
      /^site-a +round +2 +train +7\/40 +loss 1\.500 +3\.3 films\/s +2\.5 MB sent\n$/,
    );
  });

  it('redraws in place in a terminal', () => {
    const out = stream(true);
    const board = new LiveBoard(out, ['site-a', 'site-b']);
    board.update('site-a', now(1));
    board.update('site-b', now(2));
    out.written.length = 0;
    board.print('a line that stays');
    // Two lines up and clear, the text, the two lines again.
    expect(out.written[0]).to.equal('\x1b[2A\x1b[0J');
    expect(out.written[1]).to.equal('a line that stays\n');
    expect(out.written[2]?.split('\n').filter(Boolean)).to.have.lengthOf(2);
  });

  it('prints a plain line per site at most every ten seconds elsewhere', () => {
    let time = 0;
    const out = stream(false);
    const board = new LiveBoard(out, ['site-a', 'site-b'], () => time);
    for (const at of [0, 9_999, 10_000]) {
      time = at;
      board.update('site-a', now(at));
    }
    board.update('site-b', now(1));
    expect(out.written).to.have.lengthOf(3);
  });
});
