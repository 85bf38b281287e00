import { expect } from 'chai';
import { GuessLimit } from '@fedoxnet/shared/access/guess-limit';

describe('guess limit', () => {
  let at: number;
  let limit: GuessLimit;
  beforeEach(() => {
    at = 0;
    limit = new GuessLimit(() => at);
  });
  const fail = (keys: string[], times: number): void => {
    for (let i = 0; i < times; i++) limit.failed(keys);
  };

  it('refuses a name after eight failures, from any address, and no other name', () => {
    for (let i = 0; i < 8; i++) limit.failed(['person ada', `address ${i}`]);
    expect(() => limit.check(['person ada', 'address 99'])).to.throw('Too many sign-ins failed');
    expect(() => limit.check(['person bob', 'address 1'])).to.not.throw();
  });

  it('refuses an address after eight failures, whatever the names', () => {
    for (let i = 0; i < 8; i++) limit.failed([`person ${i}`, 'address x']);
    expect(() => limit.check(['person new', 'address x'])).to.throw('wait a quarter of an hour');
  });

  it('forgets a failure after a quarter of an hour, and all of them at a success', () => {
    fail(['a'], 1);
    at = 5 * 60_000;
    fail(['a'], 7);
    expect(() => limit.check(['a'])).to.throw();
    at = 15 * 60_000;
    expect(() => limit.check(['a']), 'seven are left').to.not.throw();
    fail(['a'], 1);
    expect(() => limit.check(['a'])).to.throw();
    limit.succeeded(['a']);
    expect(() => limit.check(['a'])).to.not.throw();
  });
});
