import { expect } from 'chai';
import { pino } from 'pino';
import { Insistence } from '@fedoxnet/coordinator/rounds/insistence';
import { RoundEffects, type EffectHost } from '@fedoxnet/coordinator/rounds/round-effects';

describe('the sum of a round', () => {
  it('is not begun again before what the first came to is stored, and then only if the round still waits for it', async () => {
    const done: string[] = [];
    let state = 'aggregating';
    const stored: (() => void)[] = [];
    const nothing = async () => null;
    const log = pino({ level: 'silent' });
    const host = {
      log,
      insistence: new Insistence(log),
      round: () => ({ state }),
      writeProgress: async () => void done.push('sum'),
      // A study without a model: its sum ends at once, and what it comes to is to be stored.
      database: { stores: { studies: { find: nothing, findRelease: nothing }, rounds: { latest: nothing } } },
      apply: (_study: string, { kind }: { readonly kind: string }) => {
        done.push(kind);
        return new Promise<void>((resolve) => stored.push(resolve));
      },
    };
    const effects = new RoundEffects(host as unknown as EffectHost);
    const first = effects.perform('s', { kind: 'aggregate' });
    while (stored.length === 0) await new Promise(setImmediate);
    await effects.perform('s', { kind: 'aggregate' });
    expect(done).to.deep.equal(['sum', 'aggregation-failed']);
    stored[0]?.();
    while (stored.length === 1) await new Promise(setImmediate);
    expect(done, 'it was asked for meanwhile').to.deep.equal([
      ...['sum', 'aggregation-failed', 'sum', 'aggregation-failed'],
    ]);
    await effects.perform('s', { kind: 'aggregate' });
    state = 'failed';
    stored[1]?.();
    await first;
    expect(done.slice(4), 'a look is all').to.deep.equal(['sum']);
  });
});
