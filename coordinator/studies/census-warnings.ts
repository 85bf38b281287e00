import type { CensusWarning } from '@fedoxnet/shared/protocol/census-messages';
import type { Census, ClassCensus } from '@fedoxnet/shared/study/census';

/** What one site told. */
export interface ToldCensus {
  readonly site: string;
  readonly census: Census;
}

/** A prevalence differs when it is so many times another and chance makes it so rarely; 4 standard errors are 1 in 16,000. */
const RATIO = 2;
const STANDARD_ERRORS = 4;
/** Fewer films than this say nothing of a prevalence. */
const FEWEST_FILMS = 30;

/**
 * Where the sites' training films do not fit together, class by class in the order of the plan: nobody boxes it, nobody has
 * any label of it, a site's label map lacks it, or a site sees it far more or less often than the others do.
 */
export function censusWarnings(told: readonly ToldCensus[], classes: readonly string[]): CensusWarning[] {
  if (told.length === 0) return [];
  return classes.flatMap((name, index) => {
    const rows = told.map(({ site, census }) => ({ site, row: census.train.classes[index]! }));
    return [...missing(name, rows), ...unmapped(name, rows), ...differing(name, rows)];
  });
}

interface SiteRow {
  readonly site: string;
  readonly row: ClassCensus;
}

/** A withheld count may be anything, so it is never said to be missing. */
function missing(name: string, rows: readonly SiteRow[]): CensusWarning[] {
  const isEmpty = (...columns: ('boxPresent' | 'imagePresent')[]): boolean =>
    rows.every(({ row }) => columns.every((column) => row[column] === 0));
  if (isEmpty('boxPresent', 'imagePresent'))
    return [
      {
        kind: 'unlabelled',
        class: name,
        sites: [],
        text: `No site has a film with ${name}: it cannot be learned.`,
      },
    ];
  if (isEmpty('boxPresent'))
    return [
      {
        kind: 'unboxed',
        class: name,
        sites: [],
        text: `No site boxes ${name}: where it lies is learned from image labels alone.`,
      },
    ];
  return [];
}

function unmapped(name: string, rows: readonly SiteRow[]): CensusWarning[] {
  const sites = rows.filter(({ row }) => !row.mapped).map(({ site }) => site);
  if (sites.length === 0) return [];
  const [map, has, films] =
    sites.length === 1 ? ['label map', 'has', 'its films say'] : ['label maps', 'have', 'their films say'];
  const text = `The ${map} of ${sites.join(', ')} ${has} no ${name}: ${films} nothing of it, not even that it is absent.`;
  return [{ kind: 'unmapped', class: name, sites, text }];
}

/**
 * Each site against all others together: two proportions, z with pooled variance. Only whole counts are compared. Of two
 * sites each is as far from the other, so only the first is named.
 */
function differing(name: string, rows: readonly SiteRow[]): CensusWarning[] {
  const known = rows.flatMap(({ site, row }) => {
    const [present, absent] = [sum(row.boxPresent, row.imagePresent), sum(row.boxAbsent, row.imageAbsent)];
    return present === null || absent === null || present + absent < FEWEST_FILMS
      ? []
      : [{ site, present, films: present + absent }];
  });
  const all = known.reduce(
    (total, { present, films }) => ({ present: total.present + present, films: total.films + films }),
    { present: 0, films: 0 },
  );
  return known
    .slice(0, known.length === 2 ? 1 : undefined)
    .flatMap(({ site, present, films }): CensusWarning[] => {
      const others = { present: all.present - present, films: all.films - films };
      if (others.films === 0) return [];
      const [own, other] = [present / films, others.present / others.films];
      const pooled = all.present / all.films;
      const error = Math.sqrt(pooled * (1 - pooled) * (1 / films + 1 / others.films));
      const isFar = Math.max(own, other) >= RATIO * Math.min(own, other);
      if (!isFar || Math.abs(own - other) < STANDARD_ERRORS * error || error === 0) return [];
      const text = `${site} finds ${name} in ${percent(own)} of the films it can judge, the other sites in ${percent(other)}.`;
      return [{ kind: 'prevalence', class: name, sites: [site], text }];
    });
}

const sum = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : a + b);

function percent(share: number): string {
  const value = 100 * share;
  return `${value.toFixed(value < 9.95 ? 1 : 0)} %`;
}
