import { z } from 'zod';
import { FederationError } from '@fedoxnet/shared/errors';
import { base64Bytes, sha256Hex } from '@fedoxnet/shared/ids';
import { signText, verifyText } from '@fedoxnet/shared/sealing/signature';
import { AUDIT_KINDS, ChainCheck, type AuditEntry, type AuditVerdict } from './audit-chain.js';

/**
 * The log as a file that proves itself offline: JSON lines, the first naming the coordinator's first key, then every entry, then
 * the head, signed when the file was written with the key of then. Without its last line a file that lost its end would look whole.
 */
const opening = z.strictObject({
  format: z.literal('fedoxnet audit'),
  version: z.literal(1),
  signKey: base64Bytes(32),
});

const entryLine = z.strictObject({
  sequence: z.number().int(),
  at: z.string(),
  kind: z.enum(AUDIT_KINDS),
  detail: z.string(),
  previous: sha256Hex,
  hash: sha256Hex,
  signature: base64Bytes(64).nullable(),
});

const closing = z.strictObject({
  entries: z.number().int(),
  head: sha256Hex,
  writtenAt: z.string(),
  signature: base64Bytes(64),
});

const HEAD_LABEL = 'fedoxnet audit head v1';

function headText({ entries, head, writtenAt }: Omit<z.infer<typeof closing>, 'signature'>): string {
  return JSON.stringify([entries, head, writtenAt]);
}

/** @returns the file's lines, each with its line feed */
export async function* writeAuditFile(
  entries: AsyncIterable<AuditEntry>,
  keys: { readonly firstSignKey: string; readonly secretKey: Uint8Array },
  writtenAt: Date,
): AsyncGenerator<string> {
  const line = (value: object): string => `${JSON.stringify(value)}\n`;
  yield line({ format: 'fedoxnet audit', version: 1, signKey: keys.firstSignKey } satisfies z.infer<
    typeof opening
  >);
  let last: AuditEntry | null = null;
  for await (const entry of entries) {
    // The members in the order of the schema: a reader compares the bytes.
    const { sequence, at, kind, detail, previous, hash, signature } = entry;
    yield line({ sequence, at, kind, detail, previous, hash, signature });
    last = entry;
  }
  const end = {
    entries: last?.sequence ?? 0,
    head: last?.hash ?? '0'.repeat(64),
    writtenAt: writtenAt.toISOString(),
  };
  yield line({ ...end, signature: signText(HEAD_LABEL, headText(end), keys.secretKey) });
}

export interface AuditFileVerdict extends AuditVerdict {
  /** The key that signed the end of it, and vouches for all: to be compared with the one the sites pinned. */
  readonly signKey: string;
  readonly writtenAt: string;
}

/**
 * Checks a file line by line, in bounded memory.
 * @param pieces of the file's text, cut anywhere
 * @param pinned a signing key of the coordinator, where one is known, the present one or one before; else the file's own is
 *   believed and returned
 * @throws {FederationError} `DATA_INVALID` naming the first line that does not hold
 */
export async function verifyAuditFile(
  pieces: AsyncIterable<string>,
  pinned: string | null,
): Promise<AuditFileVerdict> {
  let number = 0;
  let check: ChainCheck | null = null;
  let end: z.infer<typeof closing> | null = null;
  for await (const text of linesOf(pieces)) {
    number += 1;
    if (end !== null) refuse(number, 'comes after the end');
    if (check === null) {
      check = new ChainCheck(parseLine(opening, text, number).signKey);
    } else if (text.startsWith('{"entries":')) {
      end = parseLine(closing, text, number);
      const { entries, head } = check.verdict(true);
      const isEnd = end.entries === entries && end.head === head;
      if (!isEnd || !verifyText(HEAD_LABEL, headText(end), end.signature, check.signer)) {
        refuse(number, 'is not the signed end of what stands before it');
      }
    } else if (!check.take(parseLine(entryLine, text, number))) {
      refuse(number, 'was changed, moved or follows one that was taken out');
    }
  }
  if (check === null || end === null) refuse(number + 1, 'is missing: the file has lost its end');
  if (pinned !== null && !check.signers.includes(pinned)) refuse(1, 'leads to no key that is the pinned one');
  return { ...check.verdict(true), signKey: check.signer, writtenAt: end.writtenAt };
}

/** Cuts at line feeds alone, so that a carriage return is not overlooked. The rest behind the last one is a line too. */
async function* linesOf(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const piece of pieces) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop()!;
    yield* lines;
  }
  if (rest !== '') yield `${rest} without its line feed`;
}

/** Exactly what was written: a line that reads the same but has other bytes is refused too. */
function parseLine<S extends z.ZodType>(schema: S, text: string, number: number): z.infer<S> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    refuse(number, 'is not JSON');
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) refuse(number, 'is not a line of an audit file');
  if (JSON.stringify(parsed.data) !== text) refuse(number, 'was not written like this');
  return parsed.data;
}

function refuse(line: number, what: string): never {
  throw new FederationError('DATA_INVALID', `Line ${line} ${what}.`);
}
