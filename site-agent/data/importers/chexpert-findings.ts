import { z } from 'zod';
import type { KnownLabels } from '../label-map.js';
import type { Place } from './import-report.js';
import type { Mark } from './source-film.js';

/** The 14 columns of the CheXpert labeller, which MIMIC-CXR shares in another order. */
export const CHEXPERT_FINDINGS = [
  'No Finding',
  'Enlarged Cardiomediastinum',
  'Cardiomegaly',
  'Lung Opacity',
  'Lung Lesion',
  'Edema',
  'Consolidation',
  'Pneumonia',
  'Atelectasis',
  'Pneumothorax',
  'Pleural Effusion',
  'Pleural Other',
  'Fracture',
  'Support Devices',
] as const;
type Finding = (typeof CHEXPERT_FINDINGS)[number];

const SAYS: Readonly<Record<string, Mark['says']>> = { '1': 'present', '0': 'absent', '-1': 'uncertain' };

/** 1 present, 0 absent, −1 uncertain, empty: the report does not mention it, which is not the same as absent. */
const answer = z
  .string('is missing')
  .regex(/^(-?1|0)?(\.0+)?$/, 'is not 1, 0, -1 or empty')
  .transform((text) => SAYS[text.replace(/\.0+$/, '')] ?? null);
export type FindingAnswers = Readonly<Record<Finding, Mark['says'] | null>>;

export const findingColumns = Object.fromEntries(CHEXPERT_FINDINGS.map((name) => [name, answer])) as Record<
  Finding,
  typeof answer
>;

export function findingMarks(answers: FindingAnswers, at: Place): Mark[] {
  return CHEXPERT_FINDINGS.flatMap((label) => {
    const says = answers[label];
    return says === null ? [] : [{ label, says, at }];
  });
}

/** "No Finding" says nothing of tubes and wires: the labeller gives it beside "Support Devices" (Irvin et al. 2019). */
export function chexpertLabels(format: string): KnownLabels {
  return {
    format,
    labels: CHEXPERT_FINDINGS.filter((name) => name !== 'No Finding').map((name) =>
      name === 'Pleural Effusion' ? ([name, 'Effusion'] as const) : name,
    ),
    noFinding: 'No Finding',
    uncovered: ['Support Devices'],
    exhaustive: { boxes: 'unknown', films: 'unknown' },
  };
}
