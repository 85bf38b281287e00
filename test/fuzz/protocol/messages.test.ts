import { expect } from 'chai';
import { FederationError } from '@fedoxnet/shared/errors';
import { parseMessage } from '@fedoxnet/shared/protocol/parse';
import { Dice } from '../dice.js';
import { FUZZ_SEED, fuzzCount } from '../fuzz-size.js';
import { MESSAGES } from './messages.js';
import { mutateJson } from './mutate-json.js';

const COUNT = fuzzCount('FEDOXNET_FUZZ_MESSAGES', 10_000);

describe('damaged messages', function () {
  this.timeout(0);

  it('begin from examples that their parsers take', () => {
    for (const { name, schema, example } of MESSAGES) {
      expect(schema.safeParse(example).success, name).to.equal(true);
    }
  });

  it(`${COUNT} of them, seed ${FUZZ_SEED}: each is refused by name, or is a message and nothing more`, () => {
    const dice = new Dice(FUZZ_SEED);
    let [refused, taken] = [0, 0];
    const polluted = Object.keys(Object.prototype);
    for (let n = 0; n < COUNT; n++) {
      const { name, schema, example } = dice.pick(MESSAGES);
      // Through text, as on the wire: what JSON cannot carry never arrives.
      const text = JSON.stringify(mutateJson(example, dice)) ?? 'null';
      let parsed: unknown;
      try {
        parsed = parseMessage(schema, JSON.parse(text), name);
      } catch (error) {
        if (!(error instanceof FederationError) || error.code !== 'MESSAGE_INVALID') {
          expect.fail(`message ${n}, ${name}: ${String(error)} for ${text.slice(0, 2000)}`);
        }
        expect(error.message.length, text.slice(0, 200)).to.be.below(600);
        refused++;
        continue;
      }
      // Parsing what was parsed changes nothing: no coercion, nothing smuggled through.
      const again: unknown = schema.parse(parsed);
      if (JSON.stringify(again) !== JSON.stringify(parsed))
        expect.fail(`${name} is not stable: ${text.slice(0, 2000)}`);
      taken++;
    }
    expect(Object.keys(Object.prototype)).to.deep.equal(polluted);
    expect(({} as { x?: unknown }).x).to.equal(undefined);
    expect(refused).to.be.above(COUNT / 2);
    expect(taken).to.be.above(0);
    if (COUNT > 100_000) process.stderr.write(`${refused} refused, ${taken} taken\n`);
  });
});
