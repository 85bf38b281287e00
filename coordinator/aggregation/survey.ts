import type { AggregationPlan } from '@fedoxnet/shared/study/aggregation-plan';
import { krumChoice } from './robust/krum.js';
import { boundFactor } from './robust/norm-bound.js';

/**
 * How long and how far apart the updates of a round are: a first pass over them, for rules that judge an update as a whole.
 * The network's tensors count together. Prototypes, which are features and no weights, are measured apart, and distances
 * leave them out.
 */
export interface Survey {
  /** [n · n] ‖Δᵢ − Δⱼ‖² of the network's tensors, and on the diagonal ‖Δᵢ‖². */
  readonly squares: Float64Array;
  /** [n] ‖Δᵢ‖² of the prototypes. */
  readonly prototypeSquares: Float64Array;
}

export function emptySurvey(updates: number): Survey {
  return { squares: new Float64Array(updates ** 2), prototypeSquares: new Float64Array(updates) };
}

/** Adds what a part of the model says; always in the order of the parts, so that the sum is the same. */
export function addSurvey(sum: Survey, { squares, prototypeSquares }: Survey): void {
  squares.forEach((square, at) => (sum.squares[at] = (sum.squares[at] as number) + square));
  prototypeSquares.forEach(
    (square, at) => (sum.prototypeSquares[at] = (sum.prototypeSquares[at] as number) + square),
  );
}

/** What becomes of each update before it is combined. */
export interface Verdict {
  readonly kept: readonly boolean[];
  /** What its deltas are multiplied with: of the network, and of the prototypes. */
  readonly factors: readonly number[];
  readonly prototypeFactors: readonly number[];
}

/** @param survey null for a plan that judges no update as a whole */
export function verdictOf(
  { normBound, robust }: Pick<AggregationPlan, 'normBound' | 'robust'>,
  updates: number,
  survey: Survey | null,
): Verdict {
  const all = Array.from({ length: updates }, (_, update) => update);
  const ones = all.map(() => 1);
  if (survey === null) return { kept: all.map(() => true), factors: ones, prototypeFactors: ones };
  const { squares, prototypeSquares } = survey;
  const factorOf = (square: number): number =>
    normBound === undefined ? 1 : boundFactor(Math.sqrt(square), normBound);
  const factors = all.map((i) => factorOf(squares[i * updates + i] as number));
  const prototypeFactors = all.map((i) => factorOf(prototypeSquares[i] as number));
  if (robust?.rule !== 'krum' && robust?.rule !== 'multi-krum')
    return { kept: all.map(() => true), factors, prototypeFactors };
  const keep = robust.rule === 'krum' ? 1 : robust.keep;
  const bounded = boundedDistances(squares, factors);
  return {
    kept: krumChoice(bounded, updates, { hostile: robust.hostile, keep }),
    factors,
    prototypeFactors,
  };
}

/** ‖fᵢ Δᵢ − fⱼ Δⱼ‖² = fᵢ² ‖Δᵢ‖² + fⱼ² ‖Δⱼ‖² − fᵢ fⱼ (‖Δᵢ‖² + ‖Δⱼ‖² − ‖Δᵢ − Δⱼ‖²) */
function boundedDistances(squares: Float64Array, factors: readonly number[]): Float64Array {
  const n = factors.length;
  if (factors.every((factor) => factor === 1)) return squares;
  return squares.map((square, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    if (i === j) return 0;
    const [f, g] = [factors[i] as number, factors[j] as number];
    const [a, b] = [squares[i * n + i] as number, squares[j * n + j] as number];
    return Math.max(0, f * f * a + g * g * b - f * g * (a + b - square));
  });
}
