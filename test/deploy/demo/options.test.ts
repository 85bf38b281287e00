import { HELP, readOptions } from '#demo/options';
import { FederationError } from '@fedoxnet/shared/errors';
import { expect } from 'chai';
import { describe, it } from 'mocha';

const refusal = (...args: string[]): string => {
  try {
    readOptions(args);
  } catch (error) {
    if (error instanceof FederationError && error.entry.exit === 64) return error.message;
    throw error;
  }
  throw new Error(`${args.join(' ')} was accepted`);
};

describe('demo options', () => {
  it('leave rounds, steps and size to the preset', () => {
    const options = readOptions([]);
    expect(options).to.include({
      rounds: null,
      steps: null,
      size: null,
      practice: null,
      sites: 4,
      data: null,
      port: 0,
    });
    expect(options?.out).to.equal('runs/demo');
  });

  it('take every option that the help text names', () => {
    const values: Record<string, string> = {
      size: '128',
      preset: 'tiny',
      backend: 'wasm',
      data: 'films',
      out: 'o',
    };
    const named = [...HELP.matchAll(/^ {2}--(\w+)( [A-Z]+)? /gm)]
      .filter(([, name]) => name !== 'help')
      .map(([, name = '', value]) =>
        value === undefined ? [`--${name}`] : [`--${name}`, values[name] ?? '3'],
      );
    expect(named).to.have.lengthOf(12);
    expect(readOptions(named.flat())).to.deep.include({
      rounds: 3,
      size: 128,
      backend: 'wasm',
      compare: true,
    });
  });

  it('answer --help with nothing to run', () => {
    expect(readOptions(['--help'])).to.equal(null);
  });

  it('refuse what they do not know, naming it', () => {
    expect(refusal('--round', '3')).to.contain("'--round'");
    expect(refusal('films')).to.contain("'films'");
    expect(refusal('--backend', 'cuda')).to.contain('cuda').and.to.contain('wasm');
    expect(refusal('--rounds')).to.contain('--rounds');
  });

  it('refuse numbers outside their range, from both sides of it', () => {
    expect(refusal('--rounds', '0')).to.contain('--rounds 0');
    expect(readOptions(['--rounds', '1'])?.rounds).to.equal(1);
    expect(refusal('--sites', '1')).to.contain('from 2 to 8');
    expect(readOptions(['--sites', '8'])?.sites).to.equal(8);
    expect(refusal('--sites', '9')).to.contain('--sites 9');
    expect(refusal('--port', '65536')).to.contain('--port');
    expect(refusal('--steps', '1.5')).to.contain('--steps 1.5');
    expect(refusal('--steps', '-1')).to.contain('--steps');
    expect(refusal('--size', '150')).to.contain('multiple of 32');
    expect(refusal('--size', '96')).to.contain('from 128');
    expect(refusal('--out', ' ')).to.contain('--out');
  });
});
