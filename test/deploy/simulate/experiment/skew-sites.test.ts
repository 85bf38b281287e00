import type { PhantomSiteSpec } from '#simulate/experiment/experiment';
import { prevalences, shiftScanners, skewSites, skewSizes } from '#simulate/experiment/skew-sites';
import { SCANNERS } from '@fedoxnet/site-agent/phantoms/scanner';
import { Random } from '@fedoxnet/site-agent/random';
import { expect } from 'chai';
import { describe, it } from 'mocha';

describe('skew of hospitals', () => {
  it('divides the same films geometrically', () => {
    // 1 : 1/2 : 1/4 of 70 films: 40, 20, 10.
    expect(skewSizes([30, 20, 20], 4)).to.deep.equal([40, 20, 10]);
    expect(skewSizes([30, 20, 20], 1)).to.deep.equal([23, 23, 23]);
    expect(skewSizes([30, 20, 20], null)).to.deep.equal([30, 20, 20]);
    const [first, , , last] = skewSizes([100, 100, 100, 100], 20);
    expect(first! / last!).to.be.closeTo(20, 0.6);
  });

  it('leaves a hospital with films at least one, and one without none', () => {
    expect(skewSizes([5, 0, 5], 1000)).to.deep.equal([10, 0, 1]);
    expect(skewSizes([0, 5, 0], 1000)).to.deep.equal([0, 5, 0]);
  });

  it('draws shares from a Dirichlet distribution', () => {
    const classes = ['a', 'b', 'c', 'd'];
    for (const alpha of [0.2, 1, 5]) {
      const draws = Array.from({ length: 3000 }, (_, index) =>
        prevalences(classes, alpha, Random.of('dirichlet', alpha, index)),
      );
      for (const draw of draws.slice(0, 50)) {
        expect(Object.values(draw).reduce((sum, share) => sum + share, 0)).to.be.closeTo(1, 1e-12);
      }
      const shares = draws.map((draw) => draw['a']!);
      const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
      const variance = shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / shares.length;
      // Of one share: mean 1/K, variance (1/K)(1 − 1/K) / (Kα + 1).
      expect(mean).to.be.closeTo(1 / 4, 0.03);
      expect(variance / (3 / 16 / (4 * alpha + 1))).to.be.closeTo(1, 0.12);
    }
  });

  it('moves scanners to their mean, or away from it', () => {
    const scanners = [SCANNERS.digital, SCANNERS.plate];
    const [one, other] = shiftScanners(scanners, 0);
    expect(one!.exposure).to.be.closeTo((0.58 + 0.5) / 2, 1e-12);
    expect(one!.contrast).to.be.closeTo(other!.contrast, 1e-12);
    expect(shiftScanners(scanners, 1)).to.deep.equal(scanners);
    expect(shiftScanners(scanners, 2)[0]!.exposure).to.be.closeTo(0.54 + 2 * 0.04, 1e-12);
    // The plate has a border of 0.012, the digital one none: twice the distance would be −0.006.
    expect(shiftScanners(scanners, 2)[0]!.border).to.equal(0);
  });

  it('gives hospitals that draw boxes more films or fewer, and leaves the others theirs', () => {
    const films = { train: 10, heldOut: 4 };
    const specs: PhantomSiteSpec[] = [
      { name: 'some', films, supervision: { Mass: 'box' } },
      { name: 'all', films, supervision: 'box' },
      { name: 'labels', films, supervision: 'image' },
      { name: 'empty', films: { train: 0, heldOut: 4 }, supervision: 'box' },
    ];
    const trainOf = (boxes: number): number[] =>
      skewSites(specs, ['Mass', 'Effusion'], { boxes }, 7).map(({ train }) => train);
    expect(trainOf(0.25)).to.deep.equal([3, 3, 10, 0]);
    expect(trainOf(2)).to.deep.equal([20, 20, 10, 0]);
    expect(trainOf(0.01)).to.deep.equal([1, 1, 10, 0]); // one at least
  });

  it('counts hospitals of one description and gives each class its supervision', () => {
    const sites = skewSites(
      [
        {
          name: 'clinic',
          count: 2,
          films: { train: 3, heldOut: 1 },
          supervision: { Mass: 'box', others: 'image' },
        },
      ],
      ['Mass', 'Effusion'],
      {},
      7,
    );
    expect(sites.map(({ name }) => name)).to.deep.equal(['clinic-1', 'clinic-2']);
    expect(sites[0]).to.deep.include({
      train: 3,
      heldOut: 1,
      prevalence: null,
      supervision: { Mass: 'box', Effusion: 'image' },
    });
  });
});
