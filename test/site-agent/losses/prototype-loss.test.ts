import { selectBackend } from '@fedoxnet/site-agent/backend/select-backend';
import { categoryFeatures, prototypeLoss } from '@fedoxnet/site-agent/losses/prototype-loss';
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'chai';
import { before, describe, it } from 'mocha';
import { expectValueAndGradient, randomNumbers, sum } from './numeric-gradient.js';

const values = (terms: { intra: tf.Scalar | null; inter: tf.Scalar | null }) => ({
  intra: terms.intra?.dataSync()[0] ?? null,
  inter: terms.inter?.dataSync()[0] ?? null,
});
/** One film that holds class 0 of two, with F_0 = (f, f), P_0 = 0 and P_1 = (d, d) away from F. */
const pair = (d: number, penalty: 'hinge' | 'quartic') =>
  values(
    prototypeLoss(
      tf.tensor3d([2, 2, 9, 9], [1, 2, 2]),
      tf.tensor2d([1, 1, 2 + d, 2 + d], [2, 2]),
      Uint8Array.of(1, 0),
      Uint8Array.of(1, 1),
      penalty,
    ),
  );

describe('prototype loss', () => {
  before(() => selectBackend('auto', { threads: 1 }));

  it('takes the mean of squares over the channels, not the sum', () => {
    expect(pair(0.5, 'hinge').intra).to.be.closeTo(1, 1e-6);
  });

  it('pushes another class away by max(0, 1 − d²)', () => {
    expect(pair(0.5, 'hinge').inter).to.be.closeTo(0.75, 1e-6);
    expect(pair(1, 'hinge').inter).to.equal(0);
    expect(pair(3, 'hinge').inter).to.equal(0);
  });

  it('has the golden values of the quartic form', () => {
    const golden = [
      [0, 1],
      [0.25, 0.3164],
      [0.5, 0.0625],
      [0.9, 1e-4],
      [1, 0],
    ] as const;
    for (const [d, value] of golden) expect(pair(d, 'quartic').inter, `d = ${d}`).to.be.closeTo(value, 1e-4);
  });

  it('skips absent classes and classes without a prototype', () => {
    const features = tf.ones([1, 2, 2]) as tf.Tensor3D;
    const prototypes = tf.zeros([2, 2]) as tf.Tensor2D;
    const none = { intra: null, inter: null };
    expect(
      values(prototypeLoss(features, prototypes, Uint8Array.of(0, 0), Uint8Array.of(1, 1))),
    ).to.deep.equal(none);
    expect(
      values(prototypeLoss(features, prototypes, Uint8Array.of(1, 1), Uint8Array.of(0, 0))),
    ).to.deep.equal(none);
    expect(
      values(prototypeLoss(features, prototypes, Uint8Array.of(1, 0), Uint8Array.of(1, 0))),
    ).to.deep.equal({ intra: 1, inter: null });
  });

  it('agrees with the formulas and their central differences', () => {
    const [films, classes, channels] = [2, 3, 4];
    const features = randomNumbers('category features', films * classes * channels, 0, 1);
    const prototypes = randomNumbers('prototypes', classes * channels, 0, 1);
    const positive = Uint8Array.of(1, 0, 1, 0, 1, 0);
    const known = Uint8Array.of(1, 1, 0);
    const distance = (xs: number[], bc: number, j: number) =>
      sum(
        Array.from(
          { length: channels },
          (_, d) => (xs[bc * channels + d]! - prototypes[j * channels + d]!) ** 2,
        ),
      ) / channels;
    expectValueAndGradient(
      (x) => {
        const terms = prototypeLoss(
          x as tf.Tensor3D,
          tf.tensor2d(prototypes, [classes, channels]),
          positive,
          known,
        );
        return tf.add(tf.mul(terms.intra!, 2), terms.inter!);
      },
      [films, classes, channels],
      features,
      (xs) => {
        // Pairs: film 0 holds classes 0 and 2, film 1 holds class 1; classes 0 and 1 have a prototype.
        const intra = (distance(xs, 0, 0) + distance(xs, 4, 1)) / 2;
        const away = (bc: number, j: number) => Math.max(0, 1 - distance(xs, bc, j));
        return 2 * intra + (away(0, 1) + away(2, 0) + away(2, 1) + away(4, 0)) / 4;
      },
    );
  });

  it('agrees with the quartic form and its central differences', () => {
    const features = randomNumbers('quartic features', 4, 0, 1);
    const prototypes = [0.2, 0.4, 0.9, 0.1];
    expectValueAndGradient(
      (x) => {
        const p = tf.tensor2d(prototypes, [2, 2]);
        return prototypeLoss(x as tf.Tensor3D, p, Uint8Array.of(1, 0), Uint8Array.of(1, 1), 'quartic').inter!;
      },
      [1, 2, 2],
      features,
      // The film holds class 0 alone: its feature against the prototype of class 1.
      ([a, b]) => Math.max(0, 1 - Math.sqrt(((a! - 0.9) ** 2 + (b! - 0.1) ** 2) / 2)) ** 4,
    );
  });

  it('has the same value for one film and for the film twice', () => {
    const once = prototypeLoss(
      tf.tensor3d([1, 2, 3, 4], [1, 2, 2]),
      tf.zeros([2, 2]),
      Uint8Array.of(1, 1),
      Uint8Array.of(1, 1),
    );
    const twice = prototypeLoss(
      tf.tensor3d([1, 2, 3, 4, 1, 2, 3, 4], [2, 2, 2]),
      tf.zeros([2, 2]),
      Uint8Array.of(1, 1, 1, 1),
      Uint8Array.of(1, 1),
    );
    expect(values(twice)).to.deep.equal(values(once));
  });
});

describe('category features', () => {
  before(() => selectBackend('auto', { threads: 1 }));

  it('are the attention-weighted sums of the map, class by class', () => {
    // Two cells, two channels, two classes: class 0 looks at cell 0 alone, class 1 at both.
    const m = tf.tensor4d([1, 10, 3, 30], [1, 1, 2, 2]);
    const r = tf.tensor4d([1, 0.25, 0, 0.75], [1, 1, 2, 2]);
    expect([...categoryFeatures(m, r).dataSync()]).to.deep.equal([1, 10, 2.5, 25]);
  });

  it('carry the gradient into the map and into the attention', () => {
    const [dm, dr] = tf.grads((m: tf.Tensor, r: tf.Tensor) =>
      tf.sum(categoryFeatures(m as tf.Tensor4D, r as tf.Tensor4D)),
    )([tf.tensor4d([1, 2], [1, 1, 2, 1]), tf.tensor4d([0.25, 0.75], [1, 1, 2, 1])]);
    expect([...dm!.dataSync()]).to.deep.equal([0.25, 0.75]);
    expect([...dr!.dataSync()]).to.deep.equal([1, 2]);
  });
});
