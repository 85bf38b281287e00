import { expect } from 'chai';
import {
  isAllowed,
  parseHours,
  untilAllowed,
  type AllowedHours,
} from '@fedoxnet/site-agent/data/pacs/allowed-hours';

const at = (hour: number, minute = 0, second = 0): Date => new Date(2026, 0, 15, hour, minute, second);
const hoursOf = (text: string): AllowedHours => parseHours(text) ?? expect.fail(text);

describe('allowed hours', () => {
  it('are read as HH:MM-HH:MM, and nothing else is', () => {
    expect(parseHours('19:00-06:30')).to.deep.equal({ from: 19 * 60, to: 6 * 60 + 30 });
    expect(parseHours('0:00-24:00')).to.equal(null); // no hours at all, or all: it says nothing
    expect(parseHours('20:00-24:00')).to.deep.equal({ from: 1200, to: 0 });
    for (const text of [
      '',
      '19-06',
      '25:00-06:00',
      '19:60-06:00',
      '19:00–06:00',
      '19:00-19:00',
      'x19:00-06:00',
    ])
      expect(parseHours(text), text).to.equal(null);
  });

  it('may go over midnight; the begin belongs to them, the end does not', () => {
    const night = hoursOf('19:00-06:00');
    expect(
      [at(18, 59, 59), at(19), at(23, 59), at(0), at(5, 59, 59), at(6), at(12)].map((now) =>
        isAllowed(night, now),
      ),
    ).to.deep.equal([false, true, true, true, true, false, false]);
    const noon = hoursOf('12:00-13:00');
    expect([at(11, 59), at(12), at(12, 59), at(13)].map((now) => isAllowed(noon, now))).to.deep.equal([
      false,
      true,
      true,
      false,
    ]);
  });

  it('say how long it is until they begin', () => {
    const night = hoursOf('19:00-06:00');
    expect(untilAllowed(night, at(20))).to.equal(0);
    expect(untilAllowed(night, at(18, 59, 30))).to.equal(30_000);
    expect(untilAllowed(night, at(6))).to.equal(13 * 3_600_000);
    expect(untilAllowed(hoursOf('02:00-03:00'), at(23))).to.equal(3 * 3_600_000);
  });
});
