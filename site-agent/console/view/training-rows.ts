import type { Row } from '@fedoxnet/shared/page/live-table';
import type { TrainingReply } from '../messages.js';
import { formatBytes, formatCount, formatLoss, NOT_KNOWN, shortHash } from './page/numbers.js';

const PHASES = {
  download: 'Receiving the model',
  train: 'Training',
  upload: 'Sending the update',
  evaluate: 'Scoring the release',
} as const;

export interface Figure {
  readonly name: string;
  readonly value: string;
  readonly note: string;
}

/** The round at a glance. */
export function trainingFigures({ progress, films, backend, connected }: TrainingReply): Figure[] {
  const held = films === null ? NOT_KNOWN : formatCount(films.train);
  const figures: Figure[] = [
    {
      name: 'Coordinator',
      value: connected ? 'Connected' : 'Not connected',
      note: connected ? '' : 'It is tried again by itself.',
    },
    { name: 'Training films', value: held, note: films === null ? '' : `${formatCount(films.val)} held out` },
    { name: 'Computes on', value: backend ?? NOT_KNOWN, note: '' },
  ];
  if (progress === null) return figures;
  const { study, round, phase, step, steps, filmsPerSecond, bytesSent } = progress;
  return [
    { name: `Round of ${study}`, value: String(round), note: PHASES[phase] },
    { name: phase === 'train' ? 'Step' : 'Part', value: `${step} / ${steps}`, note: '' },
    {
      name: 'Films per second',
      value: filmsPerSecond === 0 ? NOT_KNOWN : filmsPerSecond.toFixed(1),
      note: '',
    },
    { name: 'Sent since the start', value: formatBytes(bytesSent), note: 'sealed' },
    ...figures,
  ];
}

export const ROUND_COLUMNS = [
  { heading: 'Round', numeric: false },
  { heading: 'State' },
  { heading: 'Steps', numeric: true },
  { heading: 'Seconds', numeric: true },
  { heading: 'Loss', numeric: true },
  { heading: 'Update', numeric: true },
  { heading: 'Digest' },
] as const;

export function roundRows({ rounds }: TrainingReply): Row[] {
  return rounds.map(({ study, round, attempt, state, note, steps, seconds, losses, bytes, digest }) => {
    const terms = Object.values(losses);
    const total = terms.reduce((sum, loss) => sum + loss, 0);
    return {
      key: `${study} ${round} ${attempt}`,
      cells: [
        `${study}, ${round}${attempt > 1 ? ` (try ${attempt})` : ''}`,
        { word: state, note },
        steps === 0 ? NOT_KNOWN : formatCount(steps),
        seconds === null ? NOT_KNOWN : seconds.toFixed(1),
        terms.length === 0 ? NOT_KNOWN : formatLoss(total),
        bytes === null ? NOT_KNOWN : formatBytes(bytes),
        digest === null ? NOT_KNOWN : { code: shortHash(digest) },
      ],
    };
  });
}
