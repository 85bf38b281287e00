import { join } from 'node:path';
import { z } from 'zod';
import { failpoint } from '@fedoxnet/shared/failpoints/failpoint';
import { base64Bytes, sha256Hex, shortName } from '@fedoxnet/shared/ids';
import { updateHeader } from '@fedoxnet/shared/sealing/header';
import { writeFileAtomic } from '../files/atomic-file.js';
import { readJsonFile } from '../files/json-file.js';

/**
 * The signed header of an upload and the key its chunks are sealed with. It is made once per round and attempt and kept
 * until the coordinator has the whole: sealing again under a new key would not fit the chunks that already arrived.
 */
export const uploadTicket = z.strictObject({
  header: updateHeader,
  signature: base64Bytes(64),
  dataKey: base64Bytes(32),
});
export type UploadTicket = z.infer<typeof uploadTicket>;

const roundEntry = z.strictObject({
  study: shortName,
  planHash: sha256Hex,
  round: z.number().int().min(1),
  attempt: z.number().int().min(1),
  release: z.number().int().min(0),
  digest: sha256Hex,
  deadline: z.string(),
  /** Null until the update is trained and ready to be sent. */
  ticket: uploadTicket.nullable(),
  /** The coordinator has the whole update: an invitation that comes once more needs no work. */
  delivered: z.boolean(),
});
/** A round this site has accepted. */
export type RoundEntry = z.infer<typeof roundEntry>;

const journalFile = z.strictObject({ version: z.literal(1), rounds: z.array(roundEntry) });

/** Where the agent is, on disk before it goes on: one entry per study. The file holds data keys, so it is 0600. */
export class Journal {
  private changing: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly path: string,
    private entries: ReadonlyMap<string, RoundEntry>,
  ) {}

  /** @throws {FederationError} `CONFIG_INVALID` when the file was damaged; without it the agent starts afresh */
  static async open(home: string): Promise<Journal> {
    const path = join(home, 'journal.json');
    const file = await readJsonFile(path, journalFile, 'CONFIG_INVALID');
    return new Journal(path, new Map((file?.rounds ?? []).map((entry) => [entry.study, entry])));
  }

  rounds(): readonly RoundEntry[] {
    return [...this.entries.values()];
  }

  /** The entry of exactly this round and attempt. */
  find(study: string, round: number, attempt: number): RoundEntry | null {
    const entry = this.entries.get(study);
    return entry?.round === round && entry.attempt === attempt ? entry : null;
  }

  /** Replaces whatever the study was at before: a site works on one round of a study at a time. */
  put(entry: RoundEntry): Promise<void> {
    return this.change((entries) => entries.set(entry.study, entry));
  }

  /** Forgets the round, unless the study has moved on to another one meanwhile. */
  async remove(entry: Pick<RoundEntry, 'study' | 'round' | 'attempt'>): Promise<void> {
    if (this.find(entry.study, entry.round, entry.attempt) === null) return;
    await this.change((entries) => entries.delete(entry.study));
  }

  /** One change after another; what could not be written has not happened. */
  private change(make: (entries: Map<string, RoundEntry>) => unknown): Promise<void> {
    const change = this.changing.then(async () => {
      const next = new Map(this.entries);
      make(next);
      const file: z.infer<typeof journalFile> = { version: 1, rounds: [...next.values()] };
      failpoint('agent.journal.writing');
      await writeFileAtomic(this.path, `${JSON.stringify(file)}\n`, 0o600);
      this.entries = next;
      failpoint('agent.journal.written');
    });
    this.changing = change.catch(() => undefined);
    return change;
  }
}
