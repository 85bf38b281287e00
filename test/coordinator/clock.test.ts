import { expect } from 'chai';
import { steadyClock } from '@fedoxnet/coordinator/clock';

describe('the steady clock', () => {
  function clocks() {
    const at = { wall: 1_000_000, monotone: 0 };
    const clock = steadyClock(
      () => at.wall,
      () => at.monotone,
    );
    const pass = (ms: number): number => {
      at.wall += ms;
      at.monotone += ms;
      return clock.now();
    };
    return { at, clock, pass };
  }

  it('goes with the wall clock while nobody moves that', () => {
    const { pass } = clocks();
    expect(pass(10)).to.equal(1_000_010);
    expect(pass(90)).to.equal(1_000_100);
  });

  it('follows one that was set by a hundredth of the time that passes, forward and back', () => {
    const { at, pass } = clocks();
    at.wall += 3_600_000;
    expect(pass(1000)).to.equal(1_001_010);
    at.wall -= 7_200_000;
    expect(pass(1000)).to.equal(1_002_000);
  });

  it('never goes back, and stands still with time', () => {
    const { at, clock, pass } = clocks();
    at.wall -= 3_600_000;
    expect(clock.now()).to.equal(1_000_000);
    expect(pass(100)).to.equal(1_000_099);
  });
});
