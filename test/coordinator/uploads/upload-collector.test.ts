import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { pino } from 'pino';
import { chunkKey, uploadFolder, UPLOADS } from '@fedoxnet/coordinator/blobs/blob-store';
import { FolderBlobStore } from '@fedoxnet/coordinator/blobs/folder-blob-store';
import type { RoundRun } from '@fedoxnet/coordinator/rounds/run';
import type { Database } from '@fedoxnet/coordinator/storage/database';
import { HALF_UPLOAD_MS, UploadCollector } from '@fedoxnet/coordinator/uploads/upload-collector';
import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import type { TransferPlan } from '@fedoxnet/shared/study/transfer-plan';
import { planFor } from '../study-of-three-tensors.js';

const NOW = Date.UTC(2026, 0, 20);

/** What the database would answer about one study, and what it is told to forget. */
function databaseWith(study: {
  readonly plan: StudyPlan;
  readonly state: string;
  readonly round: string;
  readonly counted: readonly string[];
  readonly uploads: Readonly<Record<string, { readonly age: number; readonly complete: boolean }>>;
  readonly discarded: string[];
}): Database {
  const rows = Object.entries(study.uploads).map(([id, { age, complete }]) => ({
    ...{ id, study: 's', site: `site-${id}`, round: 1, attempt: 1 },
    createdAt: new Date(NOW - age),
    completedAt: complete ? new Date(NOW) : null,
  }));
  const stores = {
    uploads: {
      findAll: async (ids: readonly string[]) => rows.filter(({ id }) => ids.includes(id)),
      discard: async (id: string) => study.discarded.push(id) > 0,
    },
    studies: { find: async () => ({ name: 's', plan: study.plan, state: study.state }) },
    rounds: {
      latest: async () => ({
        round: { state: study.round },
        sites: study.counted.map((upload) => ({ upload })),
      }),
    },
  };
  return { stores } as unknown as Database;
}

describe('the collector of old uploads', () => {
  let blobs: FolderBlobStore;
  beforeEach(async () => {
    blobs = new FolderBlobStore(await mkdtemp(join(tmpdir(), 'fedoxnet-collect-')));
    await blobs.prepare();
  });
  afterEach(() => rm(blobs.root, { recursive: true, force: true }));

  interface Changes {
    readonly state?: string;
    readonly plan?: Partial<StudyPlan>;
    readonly takes?: boolean;
    readonly now?: () => number;
  }

  /** The uploads of a study whose latest round is in the state `round`, and who looks at them. */
  async function collectorOf(round: string, changes: Changes = {}) {
    const [discarded, dropped]: [string[], string[]] = [[], []];
    const uploads = {
      counted: { age: 0, complete: true },
      older: { age: 0, complete: true },
      half: { age: 1000, complete: false },
      stale: { age: HALF_UPLOAD_MS + 1, complete: false },
    };
    for (const id of [...Object.keys(uploads), 'orphan']) {
      await blobs.put(chunkKey(uploadFolder(id), 0), [Buffer.of(1)], 1);
    }
    const plan = planFor('s', ['site-a'], changes.plan ?? {});
    const study = {
      plan,
      state: changes.state ?? 'running',
      round,
      counted: ['counted'],
      uploads,
      discarded,
    };
    const collector = new UploadCollector({
      database: databaseWith(study),
      blobs,
      rounds: {
        round: () => ({ number: 1, attempt: 1, state: round }) as RoundRun,
        takes: () => changes.takes ?? true,
      },
      log: pino({ level: 'silent' }),
      onDropped: (id) => dropped.push(id),
      now: changes.now ?? (() => NOW),
    });
    return { collector, discarded, dropped };
  }

  /** @returns what is left, what was discarded from the database and what was forgotten */
  async function collect(
    round: string,
    changes: Changes = {},
  ): Promise<{ left: string[]; discarded: string[]; dropped: string[] }> {
    const { collector, discarded, dropped } = await collectorOf(round, changes);
    await collector.collect();
    return { left: (await blobs.list(UPLOADS)).sort(), discarded: discarded.sort(), dropped: dropped.sort() };
  }

  it('leaves what the round may still sum and what is on its way, and drops a half that was left lying', async () => {
    const { left, discarded, dropped } = await collect('training');
    expect(left).to.deep.equal(['counted', 'half']);
    expect(discarded).to.deep.equal(['stale']);
    expect(dropped).to.deep.equal(['older', 'orphan', 'stale']);
  });

  it('drops the updates of a round whose release is there', async () => {
    expect((await collect('published')).left).to.deep.equal(['half']);
    expect((await collect('evaluating')).left).to.deep.equal(['half']);
  });

  it('keeps delivered updates of a failed round, which may be tried again, until the study is over', async () => {
    expect((await collect('failed')).left).to.include('counted');
    expect((await collect('failed', { state: 'cancelled' })).left).not.to.include('counted');
  });

  it('drops a half that its round takes no more', async () => {
    const { left, discarded } = await collect('aggregating', { takes: false });
    expect(left).to.deep.equal(['counted']);
    expect(discarded).to.deep.equal(['half', 'stale']);
  });

  /** Resolves when the upload is gone; a test that waits in vain ends by its own timeout. */
  async function untilGone(id: string): Promise<void> {
    while (await blobs.has(chunkKey(uploadFolder(id), 0)))
      await new Promise((resolve) => setTimeout(resolve, 5));
  }

  it('looks again as time goes by, also when nothing happens in the study', async () => {
    let now = NOW;
    const { collector } = await collectorOf('training', { state: 'paused', now: () => now });
    await collector.start(5);
    expect(await blobs.has(chunkKey(uploadFolder('half'), 0))).to.equal(true);
    now += HALF_UPLOAD_MS;
    await untilGone('half');
    await collector.close();
  });

  for (const state of ['inviting', 'failed', 'published']) {
    it(`looks when a round becomes ${state}`, async () => {
      const { collector } = await collectorOf(state);
      collector.changed('s');
      await untilGone('stale');
    });
  }

  it('keeps what the plan keeps', async () => {
    const transfer: TransferPlan = {
      ...{ update: 'fp32', scales: 'channel', rounding: 'nearest' },
      ...{ errorFeedback: false, keepUploads: true },
    };
    expect((await collect('published', { plan: { transfer } })).left).to.deep.equal([
      'counted',
      'half',
      'older',
    ]);
  });
});
