import { z } from 'zod';
import { sha256Hex, shortName } from '@fedoxnet/shared/ids';

/** Everything that a site ever sends, in words for its staff. A request that no row of `REQUESTS` knows is `other`. */
export const SENT_KINDS = [
  'enrolment',
  'key rotation',
  'session proof',
  'site description',
  'approval',
  'census',
  'answer',
  'progress',
  'update',
  'evaluation report',
  'receipt',
  'failure',
  /** A DICOM report or presentation state, to a system of the hospital: it leaves this machine, not the site. */
  'findings report',
  'other',
] as const;
export type SentKind = (typeof SENT_KINDS)[number];

/** One line of the ledger. */
export const sentItem = z.strictObject({
  /** When its last byte was handed to the system. */
  at: z.iso.datetime(),
  what: z.enum(SENT_KINDS),
  /** Messages: above 1 where many small ones make one line. */
  items: z.number().int().min(1),
  /** Of the bodies, as they cross the line within TLS; of a report in a folder its size. */
  bytes: z.number().int().min(1),
  /** Address of the coordinator; of a report its destination. */
  to: z.string().min(1),
  study: shortName.optional(),
  round: z.number().int().min(0).optional(),
  attempt: z.number().int().min(1).optional(),
  /** SHA-256 of the body; of an update that of its plaintext, as receipts name it; of a report that of its file. */
  digest: sha256Hex.optional(),
});
export type SentItem = z.infer<typeof sentItem>;

/** What a caller knows of a request beyond its path. */
export type SentAbout = Pick<SentItem, 'study' | 'round' | 'attempt' | 'digest'>;

const REQUESTS: readonly (readonly [RegExp, SentKind])[] = [
  [/^v1\/sites\/enrol$/, 'enrolment'],
  [/^v1\/sites\/rotate$/, 'key rotation'],
  [/^v1\/sites\/(challenge|session)$/, 'session proof'],
  [/^v1\/studies\/[^/]+\/approvals$/, 'approval'],
  [/^v1\/studies\/[^/]+\/census$/, 'census'],
  [/^v1\/uploads(\/|$)/, 'update'],
  [/^v1\/studies\/[^/]+\/rounds\/\d+\/evaluation$/, 'evaluation report'],
  [/^v1\/studies\/[^/]+\/rounds\/\d+\/countersignature$/, 'receipt'],
];

/** What a request of the protocol is, with the study and round that its path names. */
export function kindOfRequest(path: string): { readonly what: SentKind } & Pick<SentItem, 'study' | 'round'> {
  const [, study, round] = /^v1\/studies\/([^/]+)(?:\/rounds\/(\d+))?/.exec(path) ?? [];
  const what = REQUESTS.find(([pattern]) => pattern.test(path))?.[1] ?? 'other';
  return {
    what,
    ...(study !== undefined && { study }),
    ...(round !== undefined && { round: Number(round) }),
  };
}
