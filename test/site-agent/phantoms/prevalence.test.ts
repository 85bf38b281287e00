import { drawPhantom } from '@fedoxnet/site-agent/phantoms/draw-phantom';
import { SCANNERS } from '@fedoxnet/site-agent/phantoms/scanner';
import { expect } from 'chai';
import { describe, it } from 'mocha';

describe('prevalence of findings on phantoms', () => {
  const draw = (index: number, prevalence?: Record<string, number>) =>
    drawPhantom({
      seed: `prevalence/${index}`,
      size: 64,
      classes: ['Mass', 'Effusion', 'Consolidation'],
      scanner: SCANNERS.digital,
      ...(prevalence && { prevalence }),
    });

  it('makes the likely finding common, and one of weight 0 or without a name absent', () => {
    const films = Array.from({ length: 60 }, (_, index) =>
      draw(index, { Mass: 9, Effusion: 1, Consolidation: 0 }),
    );
    const showing = (name: string) =>
      films.filter(({ lesions }) => lesions.some((lesion) => lesion.class === name)).length;
    expect(showing('Consolidation')).to.equal(0);
    expect(showing('Mass')).to.be.greaterThan(showing('Effusion'));
    const named = Array.from({ length: 20 }, (_, index) => draw(index, { Effusion: 1 }));
    expect(new Set(named.flatMap(({ lesions }) => lesions.map((lesion) => lesion.class)))).to.deep.equal(
      new Set(['Effusion']),
    );
  });

  it('leaves the same share of films without any finding', () => {
    for (let index = 0; index < 20; index++) {
      const even = draw(index).lesions.length === 0;
      expect(draw(index, { Mass: 1, Effusion: 1, Consolidation: 1 }).lesions.length === 0).to.equal(even);
    }
  });
});
