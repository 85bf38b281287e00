import { expect } from 'chai';
import { GuessLimit, type Guess } from '@fedoxnet/shared/access/guess-limit';

describe('guess limit', () => {
  let at: number;
  let limit: GuessLimit;
  beforeEach(() => {
    at = 0;
    limit = new GuessLimit(() => at);
  });
  /** What became of a guess: right, wrong, or not even looked at. */
  const tell = (guess: Guess, isRight: boolean): Promise<string> =>
    limit
      .attempt(guess, () => Promise.resolve(isRight ? 'right' : null))
      .then(
        (found) => found ?? 'wrong',
        (error: Error) => error.message.replace(/;.*/, ''),
      );
  const refused = 'Too many sign-ins failed';
  const fail = async (guess: Guess, times: number): Promise<void> => {
    for (let i = 0; i < times; i++) expect(await tell(guess, false)).to.equal('wrong');
  };

  it('refuses a name after eight failures, from any address, and no other name', async () => {
    for (let i = 0; i < 8; i++) await fail({ of: 'ada', from: `${i}` }, 1);
    expect(await tell({ of: 'ada', from: '99' }, true)).to.equal(refused);
    expect(await tell({ of: 'bob', from: '1' }, true)).to.equal('right');
  });

  it('refuses an address after eight failures, whatever the names', async () => {
    for (let i = 0; i < 8; i++) await fail({ of: `${i}`, from: 'x' }, 1);
    expect(await tell({ of: 'new', from: 'x' }, true)).to.equal(refused);
  });

  it('does not take a name for an address', async () => {
    await fail({ of: 'x' }, 8);
    expect(await tell({ of: 'new', from: 'x' }, true)).to.equal('right');
  });

  it('forgets a failure after a quarter of an hour, and those of a name at a success', async () => {
    await fail({ of: 'a' }, 1);
    at = 5 * 60_000;
    await fail({ of: 'a' }, 7);
    expect(await tell({ of: 'a' }, true)).to.equal(refused);
    at = 15 * 60_000;
    await fail({ of: 'a' }, 1); // seven were left
    expect(await tell({ of: 'a' }, true)).to.equal(refused);
    at = 20 * 60_000;
    expect(await tell({ of: 'a' }, true)).to.equal('right');
    await fail({ of: 'a' }, 8);
  });

  it('keeps what failed from an address, though one who signs in there is right', async () => {
    for (let i = 0; i < 7; i++) await fail({ of: `${i}`, from: 'x' }, 1);
    for (let i = 0; i < 3; i++) expect(await tell({ of: 'eve', from: 'x' }, true)).to.equal('right');
    await fail({ of: 'ada', from: 'x' }, 1);
    expect(await tell({ of: 'eve', from: 'x' }, true)).to.equal(refused);
  });

  it('lets no more than eight guesses be under way at a time, and takes the right ones back', async () => {
    let answer: (found: true | null) => void = () => undefined;
    const verdict = new Promise<true | null>((resolve) => (answer = resolve));
    let asked = 0;
    const guesses = Array.from({ length: 120 }, () =>
      limit
        .attempt({ of: 'ada', from: 'x' }, () => {
          asked += 1;
          return verdict;
        })
        .then(String, (error: Error) => error.message.replace(/;.*/, '')),
    );
    expect(asked).to.equal(8);
    answer(true);
    const ended = await Promise.all(guesses);
    expect(ended.filter((end) => end === 'true')).to.have.length(8);
    expect(ended.filter((end) => end === refused)).to.have.length(112);
    await fail({ of: 'ada', from: 'x' }, 8);
  });

  it('takes a guess back of which nobody learnt whether it was right', async () => {
    for (let i = 0; i < 20; i++) {
      const broken = limit.attempt({ of: 'ada', from: 'x' }, () => Promise.reject(new Error('no database')));
      expect(await broken.catch((error: Error) => error.message)).to.equal('no database');
    }
    expect(await tell({ of: 'ada', from: 'x' }, true)).to.equal('right');
  });
});
