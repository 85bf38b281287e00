import { Prototypes } from '@fedoxnet/site-agent/losses/prototypes';
import { expect } from 'chai';
import { describe, it } from 'mocha';

/** Two classes, two channels; class 1 has no prototype. */
const start = () => new Prototypes(2, 2, Float32Array.of(1, 2, 0, 0));

describe('prototypes', () => {
  it('takes a row of zeros for a class nobody has seen', () => {
    expect([...start().known]).to.deep.equal([1, 0]);
  });

  it('moves by 0.3 towards the mean weighted by the confidence', () => {
    const prototypes = start();
    // Σ p F / Σ p = (0.25 · (0, 4) + 0.75 · (4, 8)) / 1 = (3, 7)
    prototypes.update(
      Float32Array.of(0, 4, 9, 9, 4, 8, 9, 9),
      Float32Array.of(0.25, 1, 0.75, 1),
      Uint8Array.of(1, 0, 1, 0),
    );
    expect(prototypes.values[0]).to.be.closeTo(0.7 * 1 + 0.3 * 3, 1e-6);
    expect(prototypes.values[1]).to.be.closeTo(0.7 * 2 + 0.3 * 7, 1e-6);
  });

  it('takes the first feature of a class over whole', () => {
    const prototypes = start();
    prototypes.update(Float32Array.of(9, 9, 5, 6), Float32Array.of(1, 0.5), Uint8Array.of(0, 1));
    expect([...prototypes.values]).to.deep.equal([1, 2, 5, 6]);
    expect([...prototypes.known]).to.deep.equal([1, 1]);
  });

  it('leaves an absent class as it is, however often', () => {
    const prototypes = start();
    for (let i = 0; i < 10; i++) {
      prototypes.update(Float32Array.of(9, 9, 9, 9), Float32Array.of(1, 1), Uint8Array.of(0, 0));
    }
    expect([...prototypes.values]).to.deep.equal([1, 2, 0, 0]);
  });

  it('reports mean feature minus global row, and nothing for a class without positives', () => {
    const prototypes = start();
    const step = (f: number, p: number) =>
      prototypes.update(Float32Array.of(f, f, 9, 9), Float32Array.of(p, 1), Uint8Array.of(1, 0));
    step(2, 0.5);
    step(8, 0.25);
    // (0.5 · 2 + 0.25 · 8) / 0.75 = 4
    expect([...prototypes.delta(Float32Array.of(1, 2, 0, 0))]).to.deep.equal([3, 2, 0, 0]);
    expect([...prototypes.masses]).to.deep.equal([0.75, 0]);
  });
});
