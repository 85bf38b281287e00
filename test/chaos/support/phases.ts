import type { Failpoint } from '@fedoxnet/shared/failpoints/failpoints';

/** The parts of a round as people speak of them, in their order. */
export const PHASES = [
  'start',
  'invite',
  'download',
  'train',
  'upload',
  'aggregate',
  'evaluate',
  'publish',
] as const;
export type Phase = (typeof PHASES)[number];

/** By the middle of a failpoint's name. */
const PHASE_OF_MOMENT: Readonly<Record<string, Phase>> = {
  start: 'start',
  session: 'start',
  accept: 'invite',
  invite: 'invite',
  journal: 'invite',
  release: 'download',
  download: 'download',
  prepare: 'train',
  train: 'train',
  checkpoint: 'train',
  update: 'train',
  own: 'train',
  seal: 'upload',
  upload: 'upload',
  chunk: 'upload',
  blob: 'upload',
  collect: 'upload',
  aggregate: 'aggregate',
  close: 'aggregate',
  evaluate: 'evaluate',
  audit: 'publish',
  publish: 'publish',
  next: 'publish',
  end: 'publish',
};

export function phaseOf(point: Failpoint): Phase {
  const phase = PHASE_OF_MOMENT[point.split('.')[1] ?? ''];
  if (phase === undefined) throw new TypeError(`the failpoint ${point} belongs to no phase`);
  return phase;
}
