import { expect } from 'chai';
import { evaluationRequest, sessionRequest } from '@fedoxnet/shared/protocol/http-messages';
import { parseMessage } from '@fedoxnet/shared/protocol/parse';
import { expectRefusal } from '../refusal.js';

describe('parseMessage', () => {
  const thirtyTwoBytes = `${'A'.repeat(43)}=`;
  const message = {
    site: 'hospital-a',
    challenge: thirtyTwoBytes,
    nonce: thirtyTwoBytes,
    signature: `${'A'.repeat(86)}==`,
  };

  it('returns a message that holds', () => {
    expect(parseMessage(sessionRequest, message, 'session request')).to.deep.equal(message);
  });

  it('names the message and the field that is wrong', () => {
    const refuses = (value: unknown, text: string): void =>
      expectRefusal(() => parseMessage(sessionRequest, value, 'session request'), 'MESSAGE_INVALID', text);
    refuses({ ...message, site: 'Hospital A' }, 'Message session request is invalid: site: use lower-case');
    refuses({ ...message, challenge: 'AAAA' }, 'challenge: expected 32 bytes as base64');
    refuses({ ...message, extra: 1 }, 'extra');
    refuses(undefined, 'Message session request is invalid: ');
  });

  it('gives the whole path of a nested field', () => {
    const report = { films: 1, classes: [{ class: 'Nodule', films: 1, truths: -1, byIou: [] }] };
    expectRefusal(
      () =>
        parseMessage(evaluationRequest, { release: 1, digest: 'a'.repeat(64), report }, 'evaluation request'),
      'MESSAGE_INVALID',
      'report.classes.0.truths: ',
    );
  });
});
