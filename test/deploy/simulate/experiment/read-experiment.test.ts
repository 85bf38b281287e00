import { parseExperiment } from '#simulate/experiment/read-experiment';
import { FederationError } from '@fedoxnet/shared/errors';
import { expect } from 'chai';
import { describe, it } from 'mocha';

const WHOLE = `
name: small
plan: { classes: [Mass], rounds: 2 }
sites:
  - { name: a, films: { train: 4, heldOut: 2 }, supervision: box }
  - { name: b, count: 3, films: { train: 4, heldOut: 2 }, supervision: { Mass: image } }
seeds: [1, 2]
runs:
  - { name: this, how: federated }
`;

function refusal(text: string): string {
  try {
    parseExperiment(text, 'small.yaml');
  } catch (error) {
    if (error instanceof FederationError && error.code === 'PLAN_INVALID') return error.message;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('experiment file', () => {
  it('is read as written', () => {
    const { seeds, sites, runs } = parseExperiment(WHOLE, 'small.yaml');
    expect(seeds).to.deep.equal([1, 2]);
    expect(sites.map(({ name }) => name)).to.deep.equal(['a', 'b']);
    expect(runs).to.deep.equal([{ name: 'this', how: 'federated' }]);
  });

  it('is refused in one line that names file and field, or line of the text', () => {
    const cases: [string, string, RegExp][] = [
      ['name: small', 'name: small\nbogus: 1', /^The experiment small\.yaml is invalid: .*bogus/],
      ['how: federated', 'how: together', /runs\.0\.how/],
      ['seeds: [1, 2]', 'seeds: [1, 1]', /seeds\.1: 1 is listed twice/],
      ['seeds: [1, 2]', 'seeds: [1, 2', /line \d+/],
      ['how: federated', 'how: federated, sites: [c]', /runs\.0\.sites: there is no site c/],
      ['seeds:', 'reference: other\nseeds:', /reference: there is no run other/],
      ['name: b', 'name: a', /sites\.1: a is listed twice/],
      ['seeds:', 'skew: { sizes: 0.5 }\nseeds:', /skew\.sizes/],
    ];
    for (const [from, to, message] of cases) {
      const text = refusal(WHOLE.replace(from, to));
      expect(text).to.match(message);
      expect(text.split('\n')).to.have.length(1);
    }
  });

  it('skews phantoms alone', () => {
    const stored = WHOLE.replace('films: { train: 4, heldOut: 2 }, supervision: box', 'data: films');
    expect(parseExperiment(stored, 'small.yaml').sites[0]).to.deep.equal({ name: 'a', data: 'films' });
    expect(refusal(`${stored}skew: { labels: 1 }\n`)).to.contain('the films of a lie in a folder');
  });
});
