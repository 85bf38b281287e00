import { fillDisk } from './ballast.js';
import { FAILPOINTS, type Failpoint } from '@fedoxnet/shared/failpoints/failpoints';
import type { Fault } from './fault.js';
import type { LineFault } from './front-door.js';
import type { GroundName, Grounds } from './grounds.js';
import { phaseOf, type Phase } from './phases.js';
import { inPhase, killEmbeddedDatabase, restartPostgres, type Strike } from './strikes.js';
import { SITES } from './template.js';

/** One fault in one phase of a study. */
export interface ChaosCase {
  /** Row of the matrix. */
  readonly fault: string;
  readonly phase: Phase;
  /** Where exactly. */
  readonly place: string;
  readonly ground: GroundName;
  /** Left out: in any round. */
  readonly when?: 'at the start' | 'at the end';
  /** Who makes `faults`; a trainer goes by its site's name. */
  readonly program?: string;
  readonly faults?: readonly Fault[];
  /** The program is killed from outside first, because the point lies in its start. */
  readonly restarts?: boolean;
  readonly line?: LineFault;
  readonly strike?: Strike;
}

const HOUR_MS = 3_600_000;
const FULL_MS = 4000;

/** Not the first time, where the first would leave the interesting part out. */
const HITS: Partial<Record<Failpoint, number>> = {
  'coordinator.aggregate.tensor': 3,
  'coordinator.blob.writing': 20,
  'trainer.train.step': 3,
  'trainer.checkpoint.writing': 2,
  'trainer.checkpoint.written': 2,
};

/** Reached when a program starts. */
const IN_START = new Set<Failpoint>([
  'coordinator.start.migrated',
  'coordinator.start.resumed',
  'agent.start.locked',
  'agent.session.opened',
  'trainer.prepare.loaded',
]);
const ONCE: Partial<Record<Failpoint, NonNullable<ChaosCase['when']>>> = {
  'coordinator.start.storing': 'at the start',
  'coordinator.start.stored': 'at the start',
  'coordinator.end.telling': 'at the end',
};

const processOf = (point: Failpoint): string => point.split('.')[0] ?? '';

function at(fault: string, point: Failpoint, change: Omit<Fault, 'point'>): ChaosCase {
  const when = ONCE[point];
  return {
    fault,
    phase: phaseOf(point),
    place: point,
    ground: 'plain',
    program: processOf(point) === 'coordinator' ? 'coordinator' : SITES[0],
    faults: [{ point, hit: HITS[point] ?? 1, ...change }],
    restarts: IN_START.has(point),
    ...(when === undefined ? {} : { when }),
  };
}

const everywhere = FAILPOINTS.map((point) => at(`kill −9 of ${processOf(point)}`, point, { action: 'kill' }));

const diskFull = (
  [
    ['coordinator.blob.writing', 3],
    ['coordinator.blob.synced', 2],
    ['coordinator.aggregate.sealed', 2],
    ['agent.journal.writing', 3],
    ['agent.download.writing', 3],
    ['trainer.checkpoint.writing', 3],
    ['trainer.update.writing', 3],
  ] as const
).map(([point, times]) => at('disk full', point, { action: 'disk-full', times }));

/** A sum is over sooner than anybody could see from outside that it has begun: the coordinator fills its disk itself. */
const fullDisksInSums = (['coordinator.aggregate.begun', 'coordinator.aggregate.kept'] as const).map(
  (point): ChaosCase => ({
    ...at('disk full', point, { action: 'fill-disk', ms: FULL_MS }),
    place: `coordinator's whole file system, for 4 s, at ${point}`,
    ground: 'small disk',
  }),
);

const defects = (
  [
    'coordinator.invite.sending',
    'coordinator.upload.verified',
    'coordinator.close.telling',
    'coordinator.evaluate.asking',
    'coordinator.publish.scored',
    'coordinator.next.storing',
  ] as const
).map((point) => at('error for a moment', point, { action: 'error', times: 2 }));

const stalls = (['coordinator.aggregate.begun', 'agent.train.starting', 'agent.upload.sending'] as const).map(
  (point) => at('process stands still, 8 s', point, { action: 'stall', ms: 8000 }),
);

const clocks = [HOUR_MS, -HOUR_MS].flatMap((ms): ChaosCase[] => {
  const direction = ms > 0 ? 'an hour forward' : 'an hour back';
  const running = (['coordinator.accept.stored', 'agent.train.finished'] as const).map((point) => ({
    ...at('clock moved', point, { action: 'clock', ms }),
    place: `${processOf(point)}, ${direction}, at ${point}`,
  }));
  // One life runs by a wrong clock, so the next one, which does not, finds all times in the database off.
  const between = (['coordinator.collect.stored', 'coordinator.evaluate.stored'] as const).map((point) => ({
    ...at('clock moved', point, { action: 'kill' }),
    place: `coordinator, ${ms > 0 ? 'an hour back' : 'an hour forward'} while it is down at ${point}`,
    faults: [
      { point: 'coordinator.start.migrated', action: 'clock', ms } as const,
      { point, action: 'kill' } as const,
    ],
    restarts: true,
  }));
  return [...running, ...between];
});

const line = (fault: string, phase: Phase, place: string, how: LineFault): ChaosCase => ({
  fault,
  phase,
  place,
  ground: 'plain',
  line: how,
});

const lines = [
  line('connection cut in mid-chunk', 'download', 'release, after 1 MiB, three times', {
    cut: { what: 'release', bytes: 2 ** 20, times: 3 },
  }),
  line('connection cut in mid-chunk', 'upload', 'update, after 1 MiB, three times', {
    cut: { what: 'update', bytes: 2 ** 20, times: 3 },
  }),
  line('messages twice', 'invite', 'all socket messages and acknowledgements', { messages: 'twice' }),
  line('messages out of order', 'invite', 'all socket messages and acknowledgements', {
    messages: 'swapped',
  }),
  line('messages twice', 'upload', 'all requests, at once and again later', { repeatRequests: true }),
];

/** @param grounds whose server and disk are struck */
function strikes(grounds: Grounds): ChaosCase[] {
  const server = () => grounds.server;
  return (['train', 'upload', 'evaluate'] as const).flatMap((phase): ChaosCase[] => {
    const when = inPhase(phase);
    return [
      {
        fault: 'database restarts',
        phase,
        place: 'PostgreSQL, fast shutdown',
        ground: 'PostgreSQL server',
        strike: { when, do: restartPostgres(server, 'SIGINT') },
      },
      {
        fault: 'database is killed',
        phase,
        place: 'PostgreSQL, immediate shutdown',
        ground: 'PostgreSQL server',
        strike: { when, do: restartPostgres(server, 'SIGQUIT') },
      },
      {
        fault: 'database is killed',
        phase,
        place: 'embedded, kill −9 of its process',
        ground: 'plain',
        strike: { when, do: killEmbeddedDatabase },
      },
      {
        fault: 'disk full',
        phase,
        place: "coordinator's whole file system, for 4 s",
        ground: 'small disk',
        strike: { when, do: async () => fillDisk(grounds.ballast, FULL_MS) },
      },
    ];
  });
}

export function allCases(grounds: Grounds): ChaosCase[] {
  return [
    ...everywhere,
    ...diskFull,
    ...fullDisksInSums,
    ...defects,
    ...stalls,
    ...clocks,
    ...lines,
    ...strikes(grounds),
  ];
}
