import { FederationError } from '@fedoxnet/shared/errors';

/** What PostgreSQL and `pg` say when there is no connection, or none any more (PostgreSQL manual, appendix A). */
const GONE = /^(08...|57P0[1235]|53300|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT)$/;
const GONE_WORDS =
  /connection terminated|connection ended|timeout exceeded when trying to connect|not queryable|client was closed/i;
const FULL = '53100';

/**
 * A failure of the database that passes by itself: it is being restarted, or its disk is full for a while.
 * @returns null for anything else
 */
export function passingDatabaseFailure(error: unknown): FederationError | null {
  for (let cause: unknown = error; cause instanceof Error; cause = innerError(cause)) {
    const { code, syscall, message } = cause as NodeJS.ErrnoException;
    if (code === FULL) {
      return new FederationError('DISK_FULL', 'The disk of the database is full.', { cause: error });
    }
    // The embedded database's socket is a file, which is not there while its process is started again.
    const isGone = GONE.test(code ?? '') || (code === 'ENOENT' && syscall === 'connect');
    if (isGone || GONE_WORDS.test(message)) {
      return new FederationError(
        'DATABASE_UNREACHABLE',
        `The database does not answer: ${code ?? message}.`,
        {
          cause: error,
        },
      );
    }
  }
  return null;
}

/** TypeORM wraps what the driver threw. */
function innerError(error: Error): unknown {
  return (error as Error & { readonly driverError?: unknown }).driverError ?? error.cause;
}
