import {
  TooMuchFound,
  type FilmPlace,
  type FoundInstance,
  type FoundSeries,
  type Pacs,
  type StudyQuery,
} from '@fedoxnet/site-agent/data/pacs/pacs';
import { pacsUnreachable } from '@fedoxnet/site-agent/data/pacs/pacs-failure';

export interface DrawerFilm extends FilmPlace {
  /** YYYYMMDD. */
  readonly date: string;
  readonly modality?: string | null;
  readonly bodyPart?: string | null;
  readonly sopClass?: string | null;
}

/** A PACS in memory that follows the interface to the letter, counts what it is asked, and gives what `give` says. */
export class Drawer implements Pacs {
  readonly place = 'drawer';
  readonly connections = 2;
  readonly asked: string[] = [];

  constructor(
    private readonly films: readonly DrawerFilm[],
    private readonly limits: {
      /** Studies of one answer. */
      readonly studies?: number;
      /** A study that cannot be looked into. */
      readonly lost?: string;
      readonly give?: (film: FilmPlace) => Promise<Uint8Array>;
      readonly echo?: () => Promise<string>;
    } = {},
  ) {}

  echo(): Promise<string> {
    this.asked.push('echo');
    return this.limits.echo?.() ?? Promise.resolve('here');
  }

  async studies({ modality, from, to }: StudyQuery): Promise<string[]> {
    this.asked.push(`${modality} ${from ?? ''}-${to ?? ''}`);
    const fitting = this.films.filter(
      (film) =>
        (film.modality ?? modality) === modality &&
        (from === null || film.date >= from) &&
        (to === null || film.date <= to),
    );
    const studies = [...new Set(fitting.map(({ study }) => study))];
    if (studies.length > (this.limits.studies ?? Infinity)) throw new TooMuchFound('too much');
    return studies;
  }

  async series(study: string): Promise<FoundSeries[]> {
    if (study === this.limits.lost) throw pacsUnreachable(this.place, 'ECONNRESET');
    const found = new Map(
      this.films
        .filter((film) => film.study === study)
        .map(({ series, modality = null, bodyPart = null }) => [series, { series, modality, bodyPart }]),
    );
    return [...found.values()];
  }

  async instances(study: string, series: string): Promise<FoundInstance[]> {
    return this.films
      .filter((film) => film.study === study && film.series === series)
      .map(({ instance, sopClass = null }) => ({ instance, sopClass }));
  }

  fetch(film: FilmPlace): Promise<Uint8Array> {
    this.asked.push(film.instance);
    return this.limits.give?.(film) ?? Promise.resolve(Buffer.from(film.instance));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
