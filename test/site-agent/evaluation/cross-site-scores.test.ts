import { expect } from 'chai';
import { crossSiteScores } from '@fedoxnet/shared/evaluation/cross-site-scores';
import { evaluationReport } from '@fedoxnet/shared/evaluation/match-histogram';
import { whyReportMisfits } from '@fedoxnet/shared/evaluation/report-fits-plan';
import type { FilmRecord } from '@fedoxnet/site-agent/data/film';
import type { FilmFindings } from '@fedoxnet/site-agent/evaluation/detect';
import { classPrecisions } from '@fedoxnet/site-agent/evaluation/class-precisions';
import { froc } from '@fedoxnet/site-agent/evaluation/froc';
import { imageAuc } from '@fedoxnet/site-agent/evaluation/image-auc';
import { matchDetections } from '@fedoxnet/site-agent/evaluation/matching';
import { siteReport } from '@fedoxnet/site-agent/evaluation/site-report';
import { Random } from '@fedoxnet/site-agent/random';

const CLASSES = ['Mass', 'Nodule', 'Effusion'];
const IOUS = [0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75];
const plan = { classes: CLASSES, ious: IOUS, suppressBelow: 1 };

interface Site {
  readonly films: readonly FilmRecord[];
  readonly findings: readonly FilmFindings[];
}

/** Films with boxes, with labels or with neither, and a model that finds two lesions of three at scores that focal loss leaves. */
function drawSite(site: string, count: number, random: Random): Site {
  const normal = () =>
    Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());
  const score = (logit: number) => 1 / (1 + Math.exp(-(logit + normal())));
  const findings: FilmFindings[] = [];
  const films = Array.from({ length: count }, (_, i): FilmRecord => {
    const id = `${site}-${i}`;
    const boxes: FilmRecord['boxes'] = [];
    const readings: FilmRecord['readings'] = {};
    const detections: FilmFindings['detections'][number][] = [];
    const shows = CLASSES.map(() => random.uniform() < 0.4);
    CLASSES.forEach((name, c) => {
      const kind = random.below(5);
      if (kind === 0) return; // nobody read the film for it
      readings[name] =
        kind === 1 ? { supervision: 'image', present: shows[c] ? 1 : 0 } : { supervision: 'box' };
      const lesion = { class: name, x: 20 * c, y: 10, width: 16, height: 16 };
      if (shows[c] && kind > 1) boxes.push(lesion);
      if (shows[c] && random.uniform() < 2 / 3) {
        const [x, y] = [lesion.x + 4 * random.uniform(), lesion.y + 4 * random.uniform()];
        detections.push({ ...lesion, film: id, x, y, score: Math.max(0.05, score(-1)) });
      }
      for (let wrong = random.below(4); wrong > 0; wrong--)
        detections.push({ ...lesion, film: id, y: 40 + 20 * wrong, score: Math.max(0.05, score(-2)) });
    });
    findings.push({
      detections,
      global: Float64Array.from(shows, (here) => score(here ? 0.5 : -0.5)),
      local: Float64Array.from(shows, (here) => score(here ? -3 : -4)),
    });
    return { id, file: `${id}.png`, width: 100, height: 120, patient: id, split: 'val', boxes, readings };
  });
  return { films, findings };
}

function reportOf({ films, findings }: Site, suppressBelow = 1) {
  const detections = findings.flatMap((film) => film.detections);
  const report = siteReport(
    films,
    findings,
    matchDetections(films, detections, CLASSES, IOUS),
    suppressBelow,
  );
  expect(evaluationReport.parse(JSON.parse(JSON.stringify(report)))).to.deep.equal(report);
  expect(whyReportMisfits(report, { ...plan, suppressBelow })).to.equal(null);
  return report;
}

/** As one site would measure that held all the films, detection by detection. */
function exact(sites: readonly Site[]) {
  const films = sites.flatMap((site) => site.films);
  const findings = sites.flatMap((site) => site.findings);
  const matches = matchDetections(
    films,
    findings.flatMap((film) => film.detections),
    CLASSES,
    IOUS,
  );
  return {
    precisions: classPrecisions(matches),
    froc: matches.map((matching) => froc(matching, 0, matching.films)),
    auc: imageAuc(films, findings, CLASSES).perClass,
  };
}

describe('scores over sites', () => {
  const seed = Math.floor(Math.random() * 1e9);

  it(`from counts err against those of the pooled films, seed ${seed}`, function () {
    const random = Random.of('cross-site', seed);
    const worst = { ap: 0, froc: 0, auc: 0 };
    for (let study = 0; study < 5; study++) {
      const sites = [300, 150, 90, 30].map((films, i) => drawSite(`site-${i}`, films, random));
      const reports = sites.map((site, i) => ({ site: `site-${i}`, report: reportOf(site) }));
      const { pooled } = crossSiteScores(3, reports, plan);
      const truth = exact(sites);
      CLASSES.forEach((name, k) => {
        const scores = pooled[k]!;
        const byIou = truth.precisions[k]!.byIou;
        const meanAp = byIou.reduce((sum, { ap }) => sum + ap! / byIou.length, 0);
        for (const [counted, single] of [
          [scores.ap, meanAp],
          [scores.ap40, byIou[0]!.ap],
          [scores.ap50, byIou[2]!.ap],
          [scores.ap75, byIou[7]!.ap],
        ] as const) {
          // Detections of one bin enter the curve together: never better than one by one.
          expect(single! - counted!, `${name}, seed ${seed}`).to.be.within(-1e-12, 0.02);
          worst.ap = Math.max(worst.ap, single! - counted!);
        }
        const loss = truth.froc[k]!.mean! - scores.froc!;
        expect(loss, `FROC of ${name}, seed ${seed}`).to.be.within(-1e-12, 0.02);
        worst.froc = Math.max(worst.froc, loss);
        for (const branch of ['global', 'local'] as const) {
          const error = Math.abs(truth.auc[k]![branch]! - scores[`${branch}Auc`]!);
          expect(error, `AUC of ${name}, seed ${seed}`).to.be.below(0.002);
          worst.auc = Math.max(worst.auc, error);
        }
        expect(scores).to.include({ truths: truth.precisions[k]!.truths, films: truth.precisions[k]!.films });
        expect(scores).to.include({ positives: truth.auc[k]!.positives, negatives: truth.auc[k]!.negatives });
      });
    }
    const [ap, sensitivity, auc] = Object.values(worst).map((error) => error.toFixed(5));
    this.test!.title += `: AP ${ap}, mean sensitivity ${sensitivity}, AUC ${auc}`;
  });

  it('of one site alone are the pooled ones, and a site without a report has none', () => {
    const site = drawSite('a', 80, Random.of('cross-site', 'alone'));
    const reports = [
      { site: 'a', report: reportOf(site) },
      { site: 'b', report: null },
    ];
    const { sites, pooled, round } = crossSiteScores(7, reports, plan);
    expect(round).to.equal(7);
    expect(sites).to.deep.equal([
      { site: 'a', classes: pooled },
      { site: 'b', classes: null },
    ]);
    expect(pooled[0]!.sensitivities).to.have.lengthOf(7);
  });

  it('leave out what a site withholds, there and in the sums', () => {
    const random = Random.of('cross-site', 'few');
    const [large, small] = [drawSite('large', 200, random), drawSite('small', 200, random)];
    // At the small site only two films still have a mass, and all of its boxes.
    let kept = 0;
    const films = small.films.map((film) => {
      const without = { ...film, boxes: film.boxes.filter((box) => box.class !== 'Mass') };
      return film.boxes.length === without.boxes.length || kept++ < 2 ? film : without;
    });
    const report = reportOf({ ...small, films }, 5);
    expect(report.withheld).to.deep.include({ suppressBelow: 5, detections: ['Mass'] });
    expect(JSON.stringify(report.classes)).to.not.contain('Mass');
    const largeReport = reportOf(large, 5);
    const { sites, pooled } = crossSiteScores(
      1,
      [
        { site: 'large', report: largeReport },
        { site: 'small', report },
      ],
      { ...plan, suppressBelow: 5 },
    );
    expect(sites[1]!.classes![0]).to.include({ films: null, truths: null, ap40: null, froc: null });
    expect(sites[1]!.classes![1]!.truths).to.be.above(5);
    expect(pooled[0]).to.deep.include({ ...sites[0]!.classes![0], positives: pooled[0]!.positives });
  });

  it('leave nothing in the report of a site with films of four patients', () => {
    const site = drawSite('tiny', 4, Random.of('cross-site', 'tiny'));
    expect(reportOf(site, 5)).to.deep.equal({
      films: null,
      classes: [],
      images: [],
      withheld: { suppressBelow: 5, detections: CLASSES, images: CLASSES },
    });
  });
});
