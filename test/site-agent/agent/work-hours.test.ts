import { expect } from 'chai';
import { isWithin, untilWithin, workHours } from '@fedoxnet/site-agent/agent/work-hours';

const at = (hour: number, minute = 0, second = 0): Date => new Date(2026, 0, 15, hour, minute, second);
const night = workHours.parse('19:00-06:00');
const noon = workHours.parse('12:00-13:00');

describe('work hours', () => {
  it('may go over midnight; their first minute belongs to them, the last does not', () => {
    const nightly = [at(18, 59, 59), at(19), at(23, 59), at(0), at(5, 59, 59), at(6), at(12)];
    expect(nightly.map((now) => isWithin(night, now))).to.deep.equal([
      ...[false, true, true, true, true, false, false],
    ]);
    const daily = [at(11, 59), at(12), at(12, 59), at(13)];
    expect(daily.map((now) => isWithin(noon, now))).to.deep.equal([false, true, true, false]);
  });

  it('say how long it is until they begin', () => {
    expect(untilWithin(night, at(20))).to.equal(0);
    expect(untilWithin(night, at(18, 59, 30))).to.equal(30_000);
    expect(untilWithin(night, at(6))).to.equal(13 * 3_600_000);
    expect(untilWithin(noon, at(23))).to.equal(13 * 3_600_000);
  });
});
