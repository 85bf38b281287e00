import { setTimeout as sleep } from 'node:timers/promises';
import type { StudyStatus } from '@fedoxnet/shared/protocol/status';
import { FederationProcesses, type Ground } from './federation-processes.js';
import type { ChaosCase } from './cases.js';
import type { ChunkPassage } from './front-door.js';
import type { Ending } from './program.js';

const TICK_MS = 100;
/** Without any progress for this long the study hangs. */
const PATIENCE_MS = 300_000;
const FAREWELL_S = 60;
/** For a coordinator that was killed a moment ago. */
const ANSWER_MS = 30_000;

/** What a round ended in: its release, and a text per site of what it was counted with. */
export interface RoundResult {
  /** SHA-256 of the file, as the operator downloads it. */
  readonly release: string | null;
  readonly participation: readonly string[];
}

/** A case that was tried in a study. */
export interface Tried {
  readonly chaos: ChaosCase;
  /** The round in which it was ordered; 0 before the first. */
  readonly ordered: number;
  /** The round in which it happened; null when it did not. */
  happened: number | null;
}

/** What is left of a study when it is over, and how it got there. */
export interface Outcome {
  readonly state: StudyStatus['state'] | 'out of reach';
  readonly reason: string | null;
  readonly rounds: readonly RoundResult[];
  readonly tried: readonly Tried[];
  readonly auditHolds: boolean;
  /** What tries of the sum left on the coordinator's disk. */
  readonly sealedTwice: readonly string[];
  /** Hits of every failpoint over all processes. */
  readonly hits: ReadonlyMap<string, number>;
  readonly chunks: readonly ChunkPassage[];
  /** From each death of the coordinator to its first answer, ms. */
  readonly recoveriesMs: readonly number[];
  readonly seconds: number;
}

/**
 * Runs one study from its start to its end, with the cases one after another: the next is ordered when a whole round has
 * begun since the last one happened. Cases for which no round is left are not tried.
 */
export async function runTrial(ground: Ground, cases: readonly ChaosCase[]): Promise<Outcome> {
  const started = performance.now();
  const federation = await FederationProcesses.start(ground);
  const trial = new Trial(federation, cases, ground.template.rounds);
  try {
    const status = await trial.run();
    const finished = status?.state === 'finished';
    if (finished) await federation.untilAgentsKnow(FAREWELL_S);
    return {
      state: status?.state ?? 'out of reach',
      reason: status?.reason ?? null,
      rounds: await roundResults(federation, status),
      tried: trial.tried,
      auditHolds: await auditHolds(federation),
      sealedTwice: federation.sealedTwice(),
      hits: await federation.hits(),
      chunks: federation.door.chunks,
      recoveriesMs: trial.recoveriesMs,
      seconds: (performance.now() - started) / 1000,
    };
  } finally {
    await federation.end();
  }
}

class Trial {
  readonly tried: Tried[] = [];
  readonly recoveriesMs: number[] = [];
  #now: Tried | null = null;
  #struck = false;
  #seenEnding: Ending | undefined;

  constructor(
    private readonly federation: FederationProcesses,
    private readonly cases: readonly ChaosCase[],
    private readonly rounds: number,
  ) {}

  /** @returns the last status that was seen: of the end, or of where it stands still */
  async run(): Promise<StudyStatus | null> {
    let status: StudyStatus | null = null;
    let last = '';
    for (let since = performance.now(); performance.now() - since < PATIENCE_MS; await sleep(TICK_MS)) {
      const seen = await this.federation.status();
      this.#noteRecovery(seen !== null);
      if (seen === null) continue;
      status = seen;
      await this.#attend(status);
      if (status.state === 'created') await this.federation.startStudy();
      if (status.state === 'finished' || status.state === 'paused') break;
      const round = status.history.at(-1);
      const place = `${round?.round} ${round?.state} ${round?.sites.map(({ state }) => state).join()}`;
      if (place !== last) since = performance.now();
      last = place;
    }
    return status;
  }

  /** Orders the next case when the last one is over. */
  async #attend(status: StudyStatus): Promise<void> {
    const round = status.history.at(-1)?.round ?? 0;
    const { door } = this.federation;
    if (this.#now !== null) {
      await this.#strike(this.#now, status);
      if (this.#now.happened === null && this.#hasHappened(this.#now, round)) this.#now.happened = round;
      const over = this.#now.happened !== null && round > this.#now.happened;
      if (!over) return;
      door.disturb({});
      this.#now = null;
    }
    const chaos = this.cases[this.tried.length];
    if (chaos === undefined || status.state === 'finished') return;
    // One round for the fault, one to go on in; a case of the study's end needs the last one.
    const early = chaos.when === 'at the end' && round < this.rounds - 1;
    const late =
      chaos.when === 'at the start' ? round > 0 : chaos.when === undefined && round > this.rounds - 2;
    if (early || late) return;
    this.#now = { chaos, ordered: round, happened: null };
    this.tried.push(this.#now);
    this.#struck = false;
    door.during = this.tried.length;
    door.disturb(chaos.line ?? {});
    const { faults = [], program = '' } = chaos;
    await this.federation.command({ id: this.tried.length, program, faults: [...faults] });
    if (chaos.restarts === true) this.federation.programs.get(program)?.kill();
  }

  async #strike({ chaos }: Tried, status: StudyStatus): Promise<void> {
    const coordinator = this.federation.programs.get('coordinator')?.pid;
    if (chaos.strike === undefined || this.#struck || coordinator === undefined) return;
    if (!chaos.strike.when(status)) return;
    this.#struck = true;
    await chaos.strike.do(coordinator);
  }

  #hasHappened({ chaos, ordered }: Tried, round: number): boolean {
    if (chaos.strike !== undefined) return this.#struck;
    if (chaos.line?.cut !== undefined) return this.federation.door.cuts >= chaos.line.cut.times;
    // A line that is bad all the time is so for a whole round.
    if (chaos.line !== undefined) return round > ordered + 1;
    const wanted = (chaos.faults ?? []).reduce((sum, { times = 1 }) => sum + times, 0);
    return this.federation.marks(this.tried.length) >= wanted;
  }

  #noteRecovery(answers: boolean): void {
    const ending = this.federation.programs.get('coordinator')?.endings.at(-1);
    if (!answers || ending === undefined || ending === this.#seenEnding) return;
    this.#seenEnding = ending;
    this.recoveriesMs.push(performance.now() - ending.at);
  }
}

async function roundResults(
  federation: FederationProcesses,
  status: StudyStatus | null,
): Promise<RoundResult[]> {
  const results: RoundResult[] = [];
  for (const { round, sites, release } of status?.history ?? []) {
    if (release === null) continue;
    const participation = sites.map(({ site, state, masses, uploadBytes }) =>
      JSON.stringify([site, state, masses, uploadBytes]),
    );
    results.push({ release: await patiently(() => federation.release(round)), participation });
  }
  return results;
}

/** A coordinator that is just away comes back: what it answers then counts. */
async function patiently<T>(ask: () => Promise<T | null>): Promise<T | null> {
  for (const end = performance.now() + ANSWER_MS; ; await sleep(TICK_MS)) {
    const answer = await ask();
    if (answer !== null || performance.now() > end) return answer;
  }
}

async function auditHolds(federation: FederationProcesses): Promise<boolean> {
  const reply = await patiently(() => federation.request('GET', 'v1/admin/audit'));
  return reply !== null && (JSON.parse(reply.toString()) as { brokenAt: unknown }).brokenAt === null;
}
