import { z } from 'zod';

/** Why a film is set aside: what is wrong, and what a person can do. A code is stable: scripts rely on it. */
export const QUARANTINE_REASONS = {
  unreadable: 'It cannot be decoded: export it from the PACS again, or discard it.',
  'time-limit': 'Decoding took too long: import it again on a quieter machine, or discard it.',
  kind: 'It is not a CR or DX film for presentation.',
  'not-a-chest': 'It does not seem to be a chest: look at the picture.',
  'not-frontal': 'It does not seem to be a frontal view: look at the picture.',
  turned: 'It seems to lie on its side or upside down: look at the picture.',
  inverted: 'Black and white seem to be exchanged: look at the picture.',
  'burned-in-text': 'There may be a name in the pixels: look at the picture before you release it.',
  duplicate: 'Another film here has the same pixels.',
  mislabelled: 'Its label row does not fit it: correct the table and import again, or discard it.',
} as const satisfies Record<string, string>;

export type QuarantineReason = keyof typeof QUARANTINE_REASONS;

const codes = Object.keys(QUARANTINE_REASONS) as [QuarantineReason, ...QuarantineReason[]];

/** One thing found wrong with a film. `detail` says no value of its header: it is shown and kept. */
export const finding = z.object({ reason: z.enum(codes), detail: z.string() });
export type Finding = z.infer<typeof finding>;
