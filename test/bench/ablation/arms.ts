import type { Supervision } from '@fedoxnet/site-agent/data/film';
import type { TrainingPlan } from '@fedoxnet/shared/study/plan';

/** One row of the study: the row before it and one more way to learn. */
export interface Arm {
  /** In file names. */
  readonly name: string;
  /** In tables and plots. */
  readonly label: string;
  /** Films it learns from. */
  readonly kinds: readonly Supervision[];
  /** Which of OXnet's terms it leaves out, or changes. */
  readonly without: Partial<TrainingPlan['losses']>;
}

const NO_TEACHER = { soft: 0, softRegression: 0 } as const;
const NO_PROTOTYPES = { intra: 0, inter: 0 } as const;

export const ARMS: readonly Arm[] = [
  {
    name: 'boxes',
    label: 'boxes only',
    kinds: ['box'],
    without: { ...NO_TEACHER, ...NO_PROTOTYPES, image: 0 },
  },
  {
    name: 'image-labels',
    label: '+ image labels',
    kinds: ['box', 'image'],
    without: { ...NO_TEACHER, ...NO_PROTOTYPES, imagePooling: 'mean' },
  },
  { name: 'daa', label: '+ DAA', kinds: ['box', 'image'], without: { ...NO_TEACHER, ...NO_PROTOTYPES } },
  { name: 'gpa', label: '+ GPA', kinds: ['box', 'image'], without: NO_TEACHER },
  { name: 'teacher', label: '+ teacher on labelled films', kinds: ['box', 'image'], without: {} },
  { name: 'oxnet', label: '+ unlabelled = OXnet', kinds: ['box', 'image', 'none'], without: {} },
];
