import { expect } from 'chai';
import { passingDatabaseFailure } from '@fedoxnet/coordinator/storage/database-failure';

/** As TypeORM throws it: the driver's error inside. */
function query(driver: Error & { code?: string; syscall?: string }): Error {
  return Object.assign(new Error(driver.message), { driverError: driver });
}
const coded = (code: string, syscall?: string) =>
  Object.assign(new Error(`failed with ${code}`), { code, ...(syscall === undefined ? {} : { syscall }) });

describe('a failure of the database', () => {
  it('passes when the server is away, shutting down or starting', () => {
    for (const code of ['ECONNREFUSED', 'ECONNRESET', '57P01', '57P03', '08006']) {
      expect(passingDatabaseFailure(query(coded(code)))?.code, code).to.equal('DATABASE_UNREACHABLE');
    }
    const lost = query(new Error('Connection terminated unexpectedly'));
    expect(passingDatabaseFailure(lost)?.code).to.equal('DATABASE_UNREACHABLE');
  });

  it('passes when the socket of the embedded one is not there yet, unlike a missing file', () => {
    expect(passingDatabaseFailure(coded('ENOENT', 'connect'))?.code).to.equal('DATABASE_UNREACHABLE');
    expect(passingDatabaseFailure(coded('ENOENT', 'open'))).to.equal(null);
  });

  it('passes when its disk is full', () => {
    expect(passingDatabaseFailure(query(coded('53100')))?.code).to.equal('DISK_FULL');
  });

  it('is a defect otherwise', () => {
    expect(passingDatabaseFailure(query(coded('23505')))).to.equal(null);
    expect(passingDatabaseFailure(new TypeError('x is not a function'))).to.equal(null);
    expect(passingDatabaseFailure('text')).to.equal(null);
  });
});
