import { expect } from 'chai';
import { FederationError, type ErrorCode } from '@fedoxnet/shared/errors';

/** Asserts that `act` throws this code with this text in its message. */
export function expectRefusal(act: () => unknown, code: ErrorCode, text: string): void {
  let thrown: unknown;
  try {
    act();
  } catch (error) {
    thrown = error;
  }
  if (thrown === undefined) expect.fail(`expected ${code}, but nothing was thrown`);
  if (!(thrown instanceof FederationError)) throw thrown as Error;
  expect(thrown.code).to.equal(code);
  expect(thrown.message).to.contain(text);
}
