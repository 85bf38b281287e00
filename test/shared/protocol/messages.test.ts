import { expect } from 'chai';
import { parseMessage } from '@fedoxnet/shared/protocol/parse';
import { expectRefusal } from '../refusal.js';
import { MESSAGE_SCHEMAS } from './message-schemas.js';
import { messageVectors, namesOfVectors } from './message-vectors.js';

describe('the messages of the protocol', () => {
  it('all have vectors, good and bad', () => {
    expect([...namesOfVectors].sort()).to.deep.equal(Object.keys(MESSAGE_SCHEMAS).sort());
    for (const name of namesOfVectors) {
      expect(messageVectors(name).good, name).to.not.be.empty;
      expect(messageVectors(name).bad, name).to.not.be.empty;
    }
  });

  for (const [name, schema] of Object.entries(MESSAGE_SCHEMAS)) {
    const { good, bad } = messageVectors(name);
    for (const { why, message } of good) {
      it(`${name}: takes ${why}`, () => {
        // Defaults may be added, nothing be changed or lost.
        expect(parseMessage(schema, message, name)).to.deep.include(message as object);
      });
    }
    for (const { why, path, message } of bad) {
      it(`${name}: refuses ${why}`, () =>
        expectRefusal(() => parseMessage(schema, message, name), 'MESSAGE_INVALID', path ?? ''));
    }
  }
});
