import { expect } from 'chai';
import fc from 'fast-check';
import { canonicalJson } from '@fedoxnet/shared/study/canonical-json';
import { parseStudyPlan } from '@fedoxnet/shared/study/parse-plan';
import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import { planHash } from '@fedoxnet/shared/study/plan-hash';
import { digestOf, RunningDigest } from '@fedoxnet/shared/weights/digest';
import { askPython, whyNoPython } from '../python-peer.js';
import { skipBecause } from '../../support/skip-because.js';
import { expectRefusal } from '../refusal.js';
import { samplePlan } from './sample-plan.js';

describe('canonicalJson', () => {
  it('writes the example of RFC 8785 §3.2.2 as §3.2.3 has it', () => {
    const value = {
      numbers: [333333333.33333329, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/',
      literals: [null, true, false],
    };
    expect(canonicalJson(value)).to.equal(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  it('sorts names by UTF-16 code units, as RFC 8785 §3.2.3', () => {
    const names = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 };
    // \r, 1, U+0080, ö, €, 😀 (a surrogate pair from U+D83D), U+FB33
    expect([...canonicalJson(names).matchAll(/:(\d)/g)].map(([, digit]) => digit).join('')).to.equal(
      '2467153',
    );
  });

  it('leaves out undefined members and refuses what JSON cannot say', () => {
    expect(canonicalJson({ a: undefined, b: -0 })).to.equal('{"b":0}');
    for (const value of [NaN, Infinity, '\ud800', undefined, 1n, [undefined]]) {
      expect(() => canonicalJson(value)).to.throw(TypeError);
    }
  });

  it('says the same as JSON.stringify, and does not depend on the order of members (property)', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        expect(JSON.parse(canonicalJson(value))).to.deep.equal(JSON.parse(JSON.stringify(value)));
      }),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.integer()), (object) => {
        const reversed = Object.fromEntries(Object.entries(object).reverse());
        expect(canonicalJson(reversed)).to.equal(canonicalJson(object));
      }),
    );
  });

  it('is what an implementation in Python writes', function () {
    const reason = whyNoPython(['nacl.bindings', 'cryptography']);
    if (reason !== null) skipBecause(this, `stored vectors alone, because ${reason}`);
    const numbers = fc.sample(fc.double({ noNaN: true, noDefaultInfinity: true }), { numRuns: 500, seed: 5 });
    const value = { z: numbers, ä: [1e21, 1e-7, 1e-6, 123456789012345680000, 5e-324], plan: samplePlan };
    expect(askPython('sealing_peer.py', 'canonical', value)).to.equal(canonicalJson(value));
  });
});

describe('planHash', () => {
  it('is the SHA-256 of the canonical JSON, whatever the order of fields in the file', () => {
    const reordered = Object.fromEntries(Object.entries(samplePlan).reverse());
    expect(planHash(parseStudyPlan(reordered))).to.equal(planHash(samplePlan));
    expect(planHash(samplePlan)).to.equal(digestOf(canonicalJson(samplePlan)));
    expect(planHash({ ...samplePlan, rounds: 4 })).to.not.equal(planHash(samplePlan));
  });
});

describe('digestOf', () => {
  it('is SHA-256 (FIPS 180-4, "abc"), whole or in pieces', () => {
    const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    expect(digestOf('abc')).to.equal(abc);
    expect(new RunningDigest().update(Buffer.from('a')).update(Buffer.from('bc')).hex()).to.equal(abc);
  });
});

describe('parseStudyPlan', () => {
  it('accepts a plan as it is', () => {
    expect(parseStudyPlan(JSON.parse(JSON.stringify(samplePlan)))).to.deep.equal(samplePlan);
  });

  it('accepts a teacher that would begin after the last round', () => {
    const losses = { ...samplePlan.training.losses, teacherFromRound: 9 };
    const plan = { ...samplePlan, training: { ...samplePlan.training, losses } };
    expect(parseStudyPlan(plan).training.losses.teacherFromRound).to.equal(9);
  });

  const training = (change: object) => ({ training: { ...samplePlan.training, ...change } });
  const model = (change: object) => ({ model: { ...samplePlan.model, ...change } });
  const refused: [string, object | null, string][] = [
    ['nothing', null, 'The plan is invalid: '],
    ['a quorum above the sites', { quorum: 3 }, 'quorum: 3 is more than the 2 sites'],
    ['a class twice', { classes: ['Nodule', 'Mass', 'Nodule'] }, 'classes.2: Nodule'],
    ['a site twice', { sites: ['hospital-a', 'hospital-a'] }, 'sites.1: hospital-a'],
    ['an empty mini-batch', training({ batch: { box: 0, image: 0, none: 0 } }), 'training.batch: '],
    ['a size off the grid', model({ size: 130 }), 'model.size: '],
    ['a level coarser than the film', model({ size: 96, levels: [3, 7] }), 'model.levels.1: level 7'],
    ['levels that start too fine', model({ levels: [1, 7] }), 'model.levels.0: '],
    ['an unknown field', { roundz: 3 }, 'roundz'],
    ['a field with the wrong type', training({ localSteps: '20' }), 'training.localSteps: '],
    ['a threshold twice', { evaluation: { ious: [0.5, 0.5] } }, 'evaluation.ious.1: 0.5'],
  ];
  for (const [what, change, message] of refused) {
    it(`refuses ${what}`, () => {
      const plan: unknown = change === null ? null : ({ ...samplePlan, ...change } as StudyPlan);
      expectRefusal(() => parseStudyPlan(plan), 'PLAN_INVALID', message);
    });
  }
});
