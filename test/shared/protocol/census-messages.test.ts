import { expect } from 'chai';
import { censusRequest } from '@fedoxnet/shared/protocol/census-messages';
import { parseMessage } from '@fedoxnet/shared/protocol/parse';
import { readVector } from '../python-peer.js';
import { expectRefusal } from '../refusal.js';

interface Example {
  readonly why: string;
  /** Where the first fault is. */
  readonly path?: string;
  readonly message: unknown;
}
const { good, bad } = readVector('census.json') as { good: Example[]; bad: Example[] };

describe('census request', () => {
  for (const { why, message } of good) {
    it(`takes ${why}`, () => expect(parseMessage(censusRequest, message, 'census')).to.deep.equal(message));
  }
  for (const { why, path, message } of bad) {
    it(`refuses ${why}`, () =>
      expectRefusal(() => parseMessage(censusRequest, message, 'census'), 'MESSAGE_INVALID', path ?? ''));
  }
});
