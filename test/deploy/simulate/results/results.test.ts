import { resultsCsv } from '#simulate/results/results-csv';
import { differencesOf, differenceTable } from '#simulate/results/differences';
import { markdown, resultTable } from '#simulate/results/results-table';
import { rowsOf, type CellOutcome } from '#simulate/results/results';
import type { RunSpec } from '#simulate/experiment/experiment';
import type { RoundMetrics } from '@fedoxnet/shared/protocol/status';
import { expect } from 'chai';
import { describe, it } from 'mocha';

const metrics = (ap40: number | null): RoundMetrics => ({
  mean: { ap: null, ap40, ap50: null, ap75: null },
  perClass: [{ class: 'Mass, "solid"', films: 3, truths: 2, ap: null, ap40, ap50: null, ap75: null }],
});

const outcome = (run: string, seed: number, ap40: number, cell = `${run}-seed-${seed}`): CellOutcome => ({
  ...{ cell, run, seed, value: null, sites: ['a'] },
  digests: ['first', `last of ${cell}`],
  steps: { each: 20, all: 40 },
  seconds: { training: 1, exchange: 0, evaluation: 0 },
  peakRssMb: 1,
  evaluations: [
    { round: 1, all: metrics(0.9), bySite: {} },
    { round: 2, all: metrics(ap40), bySite: { a: metrics(ap40 / 2) } },
  ],
});

const RUNS: RunSpec[] = [
  { name: 'alone', how: 'alone', label: 'best alone' },
  { name: 'this', how: 'federated' },
  { name: 'later', how: 'pooled' },
];

describe('results of a simulation', () => {
  const outcomes = [
    outcome('alone', 1, 0.2, 'alone-a-seed-1'),
    outcome('alone', 1, 0.3, 'alone-b-seed-1'),
    outcome('alone', 2, 0.5, 'alone-a-seed-2'),
    outcome('alone', 2, 0.1, 'alone-b-seed-2'),
    outcome('this', 1, 0.6),
    outcome('this', 2, 0.8),
  ];

  it('take the last evaluation, over the seeds; of hospitals alone the best of each seed', () => {
    const [alone, all, ...rest] = rowsOf(RUNS, outcomes);
    expect(rest).to.deep.equal([]); // no training of the third run is done
    expect(alone!.ap40!.mean).to.be.closeTo((0.3 + 0.5) / 2, 1e-12);
    expect(alone!.seeds.map(({ cell }) => cell)).to.deep.equal(['alone-b-seed-1', 'alone-a-seed-2']);
    expect(all!.ap40!.mean).to.be.closeTo(0.7, 1e-12);
    // Sample standard deviation of 0.6 and 0.8: √(2 · 0.1²).
    expect(all!.ap40!.deviation).to.be.closeTo(Math.sqrt(0.02), 1e-12);
    expect(all!.bySite['a']!.mean!.mean).to.be.closeTo(0.35, 1e-12);
    expect(all!.seeds[0]!.digest).to.equal('last of this-seed-1');
    expect(all!.ap).to.equal(null);
  });

  it('make a table, with a dash for what does not exist', () => {
    const table = resultTable(rowsOf(RUNS, outcomes), ['Mass, "solid"', 'Nodule'], null);
    expect(markdown(table).split('\n')[3]).to.equal('| this | 0.700 ± 0.141 | – | – | 0.700 | – | 20 | 2 |');
  });

  it('hold the others against one run, seed by seed', () => {
    const more = [...outcomes, outcome('later', 2, 0.9), outcome('later', 3, 0.1)];
    const differences = differencesOf(rowsOf(RUNS, more), 'this');
    expect(differences.map(({ run }) => run)).to.deep.equal(['alone', 'later']);
    // 0.6 − 0.3 and 0.8 − 0.5; of the third run only the second seed has a partner: 0.8 − 0.9.
    const [alone, later] = differences;
    expect(alone!.ap40!.mean).to.be.closeTo(0.3, 1e-12);
    expect(alone!.ap40!.deviation).to.be.closeTo(0, 1e-12);
    expect(later!.seeds.map(({ seed }) => seed)).to.deep.equal([2]);
    expect(differenceTable(differences, null).body).to.deep.equal([
      ['best alone', '+0.300 ± 0.000', '+0.300', '+0.300'],
      ['later', '-0.100', '–', '-0.100'],
    ]);
    expect(differencesOf(rowsOf(RUNS, more), undefined)).to.deep.equal([]);
  });

  it('make a CSV file of every evaluation, quoted where it must be', () => {
    const lines = resultsCsv(outcomes.slice(4, 5)).split('\r\n');
    expect(lines[0]).to.equal('cell,run,value,seed,round,site,class,films,lesions,ap,ap40,ap50,ap75');
    expect(lines.slice(1)).to.deep.equal([
      'this-seed-1,this,,1,1,all,mean,,,,0.9,,',
      'this-seed-1,this,,1,1,all,"Mass, ""solid""",3,2,,0.9,,',
      'this-seed-1,this,,1,2,all,mean,,,,0.6,,',
      'this-seed-1,this,,1,2,all,"Mass, ""solid""",3,2,,0.6,,',
      'this-seed-1,this,,1,2,a,mean,,,,0.3,,',
      'this-seed-1,this,,1,2,a,"Mass, ""solid""",3,2,,0.3,,',
      '',
    ]);
  });
});
