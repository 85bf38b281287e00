import { MigrationExecutor, type DataSource } from 'typeorm';

/** Any constant of ours; it keeps two coordinators that start together from migrating at once. */
const MIGRATION_LOCK = 0x0f_ed_0c;

/**
 * Brings the schema up to date in one transaction: all pending migrations or none. The lock belongs to that
 * transaction, so it works alike on a server and on the embedded database, whose connections share one backend.
 * @returns names of the migrations that were run; empty when there was nothing to do
 */
export async function migrate(source: DataSource): Promise<string[]> {
  const runner = source.createQueryRunner();
  await runner.connect();
  try {
    await runner.startTransaction();
    await runner.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    const executor = new MigrationExecutor(source, runner);
    executor.transaction = 'none';
    const done = await executor.executePendingMigrations();
    await runner.commitTransaction();
    return done.map(({ name }) => name);
  } catch (error) {
    if (runner.isTransactionActive) await runner.rollbackTransaction();
    throw error;
  } finally {
    await runner.release();
  }
}
