import { expect } from 'chai';
import { modelLayout } from '@fedoxnet/coordinator/aggregation/model-layout';
import type { SumOrder } from '@fedoxnet/coordinator/aggregation/sum-messages';
import { heldWindowElements, windowsOf, type Window } from '@fedoxnet/coordinator/aggregation/windows';
import { windowsOfOrder } from '@fedoxnet/coordinator/aggregation/windows-of-order';
import type { AggregationPlan } from '@fedoxnet/shared/study/aggregation-plan';
import type { UpdateEncoding } from '@fedoxnet/shared/weights/update-encoding';

const layout = (lengths: Readonly<Record<string, number>>) =>
  modelLayout(
    new Map(Object.entries(lengths).map(([name, length]) => [name, [length]])),
    Object.fromEntries(Object.keys(lengths).map((name) => [name, { module: 'backbone' as const }])),
    2,
  );
const told = (windows: readonly Window[]): string[] =>
  windows.map((window) => window.map(({ tensor, begin, end }) => `${tensor.name}${begin}-${end}`).join(' '));

describe('windows of a model', () => {
  it('cover every number once, the first as short as asked', () => {
    const model = layout({ a: 3, b: 4 });
    expect(told(windowsOf(model, 4, 0))).to.deep.equal(['a0-3 b0-1', 'b1-4']);
    expect(told(windowsOf(model, 4, 2))).to.deep.equal(['a0-2', 'a2-3 b0-3', 'b3-4']);
  });

  it('of updates that are held are powers of two, together no more than 8 Mi numbers', () => {
    const mega = 1024 * 1024;
    expect(heldWindowElements(1)).to.equal(2 * mega);
    expect(heldWindowElements(8)).to.equal(mega);
    expect(heldWindowElements(9)).to.equal(mega / 2);
    expect(heldWindowElements(8 * mega)).to.equal(1);
    expect(heldWindowElements(9 * mega)).to.equal(1);
  });
});

describe('windows of a round', () => {
  const CHUNK = 4 * 1024 * 1024;
  /** Lengths of the windows over 10 Mi numbers of updates whose header has 104 bytes. */
  function lengths(
    encoding: UpdateEncoding,
    bytes: number,
    aggregation: AggregationPlan,
    sites = 1,
  ): number[] {
    const model = layout({ w: 10 * 1024 * 1024 });
    const header = { bytes: 104 + (encoding === 'int8' ? 4 : 0) + 10 * 1024 * 1024 * bytes };
    const updates = Array.from({ length: sites }, () => ({ header }));
    const choice = { encoding, scales: 'tensor' };
    const order = { model, choice, aggregation, updates, controls: null } as unknown as SumOrder;
    return windowsOfOrder(order, 'sum').map((window) =>
      window.reduce((sum, { begin, end }) => sum + end - begin, 0),
    );
  }
  const mean: AggregationPlan = { strategy: 'weighted-mean', prototypeDecay: 0 };

  it('end where chunks of the updates end', () => {
    const fp32 = lengths('fp32', 4, mean);
    expect(fp32.slice(0, 2)).to.deep.equal([(CHUNK - 104) / 4, CHUNK / 4]);
    expect(fp32.at(-1)).to.equal(104 / 4);
    expect(lengths('fp16', 2, mean).slice(0, 2)).to.deep.equal([(CHUNK - 104) / 2, CHUNK / 2]);
    // A chunk holds 4 Mi codes, a window 2 Mi at most; one scale of four bytes lies in front.
    expect(lengths('int8', 1, mean).slice(0, 3)).to.deep.equal([CHUNK / 2 - 108, CHUNK / 2, CHUNK / 2]);
  });

  it('divide chunks where all updates are held', () => {
    const held = lengths('fp32', 4, { ...mean, robust: { rule: 'median', hostile: 1 } }, 32);
    expect(held.slice(0, 2)).to.deep.equal([CHUNK / 16 - 104 / 4, CHUNK / 16]);
  });
});
