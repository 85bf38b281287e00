import { FilmIndex } from '../importers/film-index.js';
import { readFilm, type UncertainPolicy } from '../importers/film-reading.js';
import type { FilmSource } from '../importers/film-source.js';
import { chooseLabelMap } from '../importers/choose-label-map.js';
import { type ImportReport } from '../importers/import-report.js';
import type { Importer, SourceFilm } from '../importers/source-film.js';
import type { Certainty, LabelMap } from '../label-map.js';
import { UNREAD, type FilmReading } from './film-record.js';
import type { RegisterEntry } from './film-register.js';

type Picture = NonNullable<RegisterEntry['picture']>;

/** Label tables round: a box may pass its film's border by this many pixels. */
const BORDER_TOLERANCE = 1;

export interface LabelRules {
  readonly importer: Importer;
  /** Folder of the catalogue, where the label map is looked for. */
  readonly out: string;
  readonly map?: string | undefined;
  readonly classes?: readonly string[] | undefined;
  readonly exhaustive: Certainty;
  readonly uncertain: UncertainPolicy;
  /** Grid in which boxes are given; the original film's pixels when left out. */
  readonly grid?: { readonly width: number; readonly height: number } | undefined;
}

/** The label tables of one format, found by the names of the films' files. */
export class DicomLabels {
  private constructor(
    private readonly byName: ReadonlyMap<string, SourceFilm>,
    private readonly rules: LabelRules,
    readonly map: LabelMap,
    /** To be written beside the catalogue when the site has none yet. */
    readonly freshMap: LabelMap | null,
    private readonly report: ImportReport,
  ) {}

  /**
   * @param names of the films' files in their source
   * @throws {FederationError} as the importer of the format, and `chooseLabelMap`
   */
  static async read(
    tables: FilmSource,
    names: readonly string[],
    rules: LabelRules,
    report: ImportReport,
  ): Promise<DicomLabels> {
    const index = new FilmIndex(names.map(withEnding));
    const original = new Map(names.map((name) => [withEnding(name), name]));
    const byName = new Map<string, SourceFilm>();
    const described: SourceFilm[] = [];
    for await (const film of rules.importer.films({ source: tables, report })) {
      described.push(film);
      const found = index.findFirst(film.files);
      if ('missing' in found) report.refuse(film.at, found.missing);
      else byName.set(original.get(found.name) ?? found.name, film);
    }
    const { map, fresh } = await chooseLabelMap(rules, described);
    return new DicomLabels(byName, rules, map, fresh, report);
  }

  /** What makes it unlikely that the row under this name belongs to the film; null when nothing does. */
  misfit(name: string, picture: Picture): string | null {
    const film = this.byName.get(name);
    if (film === undefined) return null;
    const differs = (a: string | null | undefined, b: string | null): boolean =>
      a !== undefined && a !== null && b !== null && a !== b;
    if (differs(film.view, picture.view)) return 'Its label row names another view than its header.';
    if (differs(film.sex, picture.sex)) return 'Its label row names another sex than its header.';
    const { width, height } = this.rules.grid ?? picture.original;
    const outside = film.marks.some(({ says }) => {
      if (typeof says !== 'object') return false;
      const [right, bottom] = [says.x + says.width, says.y + says.height];
      const least = -BORDER_TOLERANCE;
      return says.x < least || says.y < least || right > width - least || bottom > height - least;
    });
    return outside ? 'A box of its label row lies outside the film.' : null;
  }

  /** Boxes in pixels of the film as it is kept. */
  read(name: string, { original, stored }: Picture): FilmReading {
    const film = this.byName.get(name);
    if (film === undefined) return UNREAD;
    const { grid = original, uncertain } = this.rules;
    return readFilm(film, { map: this.map, uncertain, ...stored, grid }, this.report);
  }
}

/** Films exported by a PACS often have names without an ending. */
function withEnding(name: string): string {
  return /\.(dcm|dicom)$/i.test(name) ? name : `${name}.dcm`;
}
