import { expect } from 'chai';
import {
  supervisionAwareRule,
  supportedModulesRule,
  weightedMeanRule,
} from '@fedoxnet/coordinator/aggregation/mass-rules';
import type { Module } from '@fedoxnet/shared/weights/roles';

describe('mass rules', () => {
  const masses = (films: number, classRows: number[], positives = 0) => ({
    films,
    positives,
    classRows,
    globalRows: classRows.map((_, c) => c + 1),
    prototypeRows: classRows.map(() => 0.5),
  });
  const shared = (films: number, classRows: number[]) =>
    supervisionAwareRule({ module: 'backbone' }, masses(films, classRows));

  it('counts a film whole for shared tensors when every class on it is boxed', () => {
    expect(shared(100, [100, 100, 100])).to.equal(100);
  });

  it('counts it by the share of classes it speaks of, and what is left of it a tenth', () => {
    expect(shared(90, [90, 0, 0])).to.equal(36); // 30 + 0.1 · 60
    expect(shared(90, [0, 90, 90])).to.equal(63); // 60 + 0.1 · 30
    expect(shared(100, [20, 20, 20])).to.equal(28); // 20 + 0.1 · 80
    expect(shared(100, [0, 0, 0])).to.equal(10);
  });

  it('never counts more films than there were', () => {
    expect(shared(100, [130, 130, 130])).to.equal(100);
  });

  it('gives pyramid and shared convolutions of the class subnet the same mass as the backbone', () => {
    const update = masses(50, [50, 50, 50]);
    for (const module of ['fpn', 'classSubnet'] satisfies Module[]) {
      expect(supervisionAwareRule({ module }, update)).to.equal(50);
    }
  });

  it('weights the box subnet by matched anchors and class rows by their own evidence', () => {
    const update = masses(50, [50, 10, 0], 7);
    expect(supervisionAwareRule({ module: 'boxSubnet' }, update)).to.equal(7);
    expect(supervisionAwareRule({ module: 'classSubnet', classAxis: 3 }, update)).to.deep.equal([50, 10, 0]);
    expect(supervisionAwareRule({ module: 'globalHead', classAxis: 1 }, update)).to.deep.equal([1, 2, 3]);
    expect(supervisionAwareRule({ module: 'prototypes', classAxis: 0 }, update)).to.deep.equal([
      0.5, 0.5, 0.5,
    ]);
  });

  it('leaves a site out of the class subnet that kept it frozen', () => {
    const rule = (module: Module, classRows: number[]) =>
      supportedModulesRule({ module }, masses(40, classRows));
    expect(rule('classSubnet', [0, 0, 0])).to.equal(0);
    expect(rule('backbone', [0, 0, 0])).to.equal(4); // 0.1 · 40: it does train that
    expect(rule('classSubnet', [0, 10, 20])).to.equal(13); // 10 + 0.1 · 30
    const perClass = supportedModulesRule({ module: 'classSubnet', classAxis: 3 }, masses(40, [0, 10, 20]));
    expect(perClass).to.deep.equal([0, 10, 20]);
  });

  it('gives as weighted mean a prototype the films of the sites that have one', () => {
    const update = { ...masses(50, [0, 0, 0]), prototypeRows: [0, 0.25, 3] };
    expect(weightedMeanRule({ module: 'prototypes', classAxis: 0 }, update)).to.deep.equal([0, 50, 50]);
  });

  it('is plain film counting as weighted mean', () => {
    const update = masses(50, [0, 0, 0]);
    for (const module of ['backbone', 'boxSubnet', 'globalHead'] satisfies Module[]) {
      expect(weightedMeanRule({ module }, update)).to.equal(50);
    }
  });
});
