import { expect } from 'chai';
import { BodyBudget } from '@fedoxnet/coordinator/http/body-budget';
import type { FederationError } from '@fedoxnet/shared/errors';

describe('the budget of large bodies', () => {
  const taken = (budget: BodyBudget, who: string, bytes: number): (() => void) | string => {
    try {
      return budget.take(who, bytes);
    } catch (error) {
      return (error as FederationError).code;
    }
  };
  const give = (back: (() => void) | string): void => (back as () => void)();

  it('holds so many bytes at a time, and so many of one', () => {
    const budget = new BodyBudget(100, 60);
    const first = taken(budget, 'a', 40);
    expect(taken(budget, 'a', 21), '61 of one').to.equal('RATE_LIMITED');
    const second = taken(budget, 'a', 20);
    expect(taken(budget, 'b', 41), '101 of all').to.equal('RATE_LIMITED');
    const third = taken(budget, 'b', 40);
    expect(taken(budget, 'c', 1)).to.equal('RATE_LIMITED');
    give(first);
    give(first); // giving back twice gives back once
    expect(taken(budget, 'c', 41)).to.equal('RATE_LIMITED');
    give(taken(budget, 'c', 40));
    give(second);
    give(third);
    give(taken(budget, 'a', 60));
    expect(taken(budget, 'a', 61)).to.equal('RATE_LIMITED');
    give(taken(budget, 'b', 60));
  });
});
