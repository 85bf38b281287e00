import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from '@fedoxnet/coordinator/storage/database';
import { startEmbeddedPostgres } from '@fedoxnet/coordinator/storage/embedded-postgres';
import { startPostgres } from '../support/postgres.js';
import { skipBecause } from '../support/skip-because.js';

export interface RunningDatabase {
  /** A connection of its own, not yet migrated by this call. */
  connect(): Promise<DataSource>;
  stop(): Promise<void>;
}

async function embedded(): Promise<RunningDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'fedoxnet-embedded-'));
  const server = await startEmbeddedPostgres(folder);
  return {
    connect: () => new DataSource(dataSourceOptions(server)).initialize(),
    async stop() {
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function installed(): Promise<RunningDatabase | string> {
  const server = await startPostgres();
  if (typeof server === 'string') return server;
  return {
    connect: () => new DataSource(dataSourceOptions({ url: server.url })).initialize(),
    stop: () => server.stop(),
  };
}

/** The same tests against the embedded database and a PostgreSQL server; without a server those are skipped. */
export function onEachDatabase(title: string, tests: (database: () => RunningDatabase) => void): void {
  for (const [kind, start] of Object.entries({ embedded, 'PostgreSQL server': installed })) {
    describe(`${title}, ${kind}`, () => {
      let running: RunningDatabase | undefined;
      before(async function () {
        this.timeout(120_000);
        const started = await start();
        if (typeof started === 'string') return skipBecause(this, started);
        running = started;
      });
      after(() => running?.stop());
      tests(() => running as RunningDatabase);
    });
  }
}
