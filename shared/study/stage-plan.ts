import { z } from 'zod';

/** Kinds of films by what their reading says: boxes, labels of the film as a whole, nothing. */
export const FILM_KINDS = ['box', 'image', 'none'] as const;
export type FilmKind = (typeof FILM_KINDS)[number];

/**
 * A stretch of rounds in which some kinds of films teach (oxnet.md §7.2 item 4, after FedSTO, Kim et al. 2023,
 * arXiv:2310.17097): boxes first, so that there is a teacher worth asking, then what can only follow one. What a site does in
 * it follows from the films it has; one that has none of these kinds waits.
 */
export const stagePlan = z.strictObject({
  /** First round of the stage, 1-based; it lasts until the next one begins. */
  fromRound: z.number().int().min(1),
  /** Kinds of films that teach. */
  films: z.array(z.enum(FILM_KINDS)).min(1),
  /**
   * `all`, also when left out: a site changes every module. `supported`: only those that its kinds of films speak of, backbone
   * and pyramid always, class subnet, global head and prototypes with boxes or image labels, box subnet with boxes.
   */
  modules: z.enum(['all', 'supported']).optional(),
  /** Updates that a round of the stage needs, where fewer sites can deliver than the plan's quorum asks for. */
  quorum: z.number().int().min(1).optional(),
});
export type StagePlan = z.infer<typeof stagePlan>;
export type ModulesInStage = NonNullable<StagePlan['modules']>;

export const stagesPlan = z.array(stagePlan).min(1).max(20);

/** What is wrong with the stages of a plan, each as `path: what`. */
export function stageContradictions(
  stages: readonly StagePlan[],
  { rounds, sites }: { readonly rounds: number; readonly sites: readonly string[] },
): string[] {
  return stages.flatMap(({ fromRound, films, quorum = 1 }, index) => {
    const path = `training.stages.${index}`;
    const before = stages[index - 1]?.fromRound ?? 0;
    const found: string[] = [];
    if (index === 0 && fromRound !== 1) found.push(`${path}.fromRound: the first stage begins with round 1`);
    else if (fromRound <= before) found.push(`${path}.fromRound: ${fromRound} is not after ${before}`);
    if (fromRound > rounds) found.push(`${path}.fromRound: ${fromRound} is after the last round, ${rounds}`);
    if (quorum > sites.length) {
      found.push(`${path}.quorum: ${quorum} is more than the ${sites.length} sites`);
    }
    films.forEach((kind, i) => {
      if (films.indexOf(kind) !== i) found.push(`${path}.films.${i}: ${kind} is listed twice`);
    });
    return found;
  });
}

/** A plan without stages is one stage, in which all films teach. */
const ONE_STAGE: StagePlan = { fromRound: 1, films: [...FILM_KINDS] };

/** @param round 1-based */
export function stageOf(stages: readonly StagePlan[] | undefined, round: number): StagePlan {
  return stages?.findLast(({ fromRound }) => fromRound <= round) ?? ONE_STAGE;
}

/** Updates that a round needs, by its stage or else by the plan. */
export function quorumIn(
  { quorum, stages }: { readonly quorum: number; readonly stages?: readonly StagePlan[] | undefined },
  round: number,
): number {
  return stageOf(stages, round).quorum ?? quorum;
}

/** The smallest quorum of any round of a plan. */
export function leastQuorum({
  quorum,
  stages,
}: {
  readonly quorum: number;
  readonly stages?: readonly StagePlan[] | undefined;
}): number {
  return Math.min(...(stages ?? [ONE_STAGE]).map((stage) => stage.quorum ?? quorum));
}

const KIND_WORDS: Record<FilmKind, string> = { box: 'boxes', image: 'image labels', none: 'no labels' };

/**
 * Why a site waits in this round: one sentence for people, or null when it takes part. A site waits whose films are all of
 * kinds that the stage leaves out.
 * @param counts training films of the site by kind
 * @param round  1-based
 */
export function whyWaits(
  stages: readonly StagePlan[] | undefined,
  counts: Readonly<Record<FilmKind, number>>,
  round: number,
): string | null {
  const { films } = stageOf(stages, round);
  if (stages === undefined || films.some((kind) => counts[kind] > 0)) return null;
  const wanted = films.map((kind) => KIND_WORDS[kind]).join(' or ');
  const next = stages.find(
    (stage) => stage.fromRound > round && stage.films.some((kind) => counts[kind] > 0),
  );
  const then =
    next === undefined ? 'no later stage asks for its films' : `it waits for round ${next.fromRound}`;
  return `Only films with ${wanted} teach in round ${round} and the site has none: ${then}.`;
}
