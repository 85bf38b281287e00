import type { UpdateMasses } from '@fedoxnet/shared/weights/roles';
import type { FilmLabels } from '../losses/film-labels.js';
import type { Prototypes } from '../losses/prototypes.js';
import type { StepReport } from './learner.js';

/** What an anchor matched to a teacher's box counts, beside 1 for a true one. */
export const PSEUDO_POSITIVE = 0.5;
/** What a film labelled as a whole counts for a class row of the class subnet, beside 1 for a boxed one: it reaches the row only through the attention. */
export const IMAGE_LABEL_FOR_CLASS_ROW = 0.2;

/** Counts, over a round, the evidence behind each part of a site's update (`UpdateMasses`). Exposures: a film drawn twice counts twice. */
export class Evidence {
  private films = 0;
  private positives = 0;
  private readonly classRows: number[];
  private readonly globalRows: number[];

  constructor(private readonly classes: number) {
    this.classRows = new Array<number>(classes).fill(0);
    this.globalRows = new Array<number>(classes).fill(0);
  }

  add(films: readonly FilmLabels[], report: StepReport): void {
    this.positives += report.truePositives + PSEUDO_POSITIVE * report.pseudoPositives;
    films.forEach((film, b) => {
      if (!report.films[b]) return;
      this.films++;
      for (let c = 0; c < this.classes; c++) {
        if (film.boxKnown[c]) this.classRows[c]! += 1;
        else if (film.labelKnown[c]) this.classRows[c]! += IMAGE_LABEL_FOR_CLASS_ROW;
        if (film.labelKnown[c]) this.globalRows[c]! += 1;
      }
    });
  }

  /** @param prototypeFilms [K], null where the plan does not ask */
  masses(prototypes: Prototypes, prototypeFilms: readonly number[] | null = null): UpdateMasses {
    return {
      films: this.films,
      positives: this.positives,
      classRows: [...this.classRows],
      globalRows: [...this.globalRows],
      prototypeRows: [...prototypes.masses],
      ...(prototypeFilms === null ? {} : { prototypeFilms: [...prototypeFilms] }),
    };
  }

  /** All counts in one array, for a checkpoint, and back. */
  toNumbers(): number[] {
    return [this.films, this.positives, ...this.classRows, ...this.globalRows];
  }

  static fromNumbers(numbers: readonly number[]): Evidence {
    const classes = (numbers.length - 2) / 2;
    const evidence = new Evidence(classes);
    evidence.films = numbers[0]!;
    evidence.positives = numbers[1]!;
    for (let c = 0; c < classes; c++) {
      evidence.classRows[c] = numbers[2 + c]!;
      evidence.globalRows[c] = numbers[2 + classes + c]!;
    }
    return evidence;
  }
}
