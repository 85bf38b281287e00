import type { FilmRecord } from '../film.js';
import { ageBand, sex } from '../importers/table-fields.js';
import type { DataSet } from './data-set.js';

/**
 * Whose film it is and what the hospital calls it. Stays in the site's own register; only what is made of it, an id of
 * our own and days between films, goes further.
 */
export interface FilmIdentity {
  readonly sopClass: string | null;
  readonly sopInstance: string | null;
  readonly series: string | null;
  readonly study: string | null;
  readonly patient: string | null;
  /** YYYYMMDD. */
  readonly studyDate: string | null;
  readonly sex: NonNullable<FilmRecord['sex']> | null;
  readonly ageBand: NonNullable<FilmRecord['ageBand']> | null;
}

export function readIdentity(dataSet: DataSet): FilmIdentity {
  const date = dataSet.string('x00080020') ?? '';
  const issuer = dataSet.string('x00100021');
  const patient = dataSet.string('x00100020');
  return {
    sopClass: dataSet.string('x00080016'),
    sopInstance: dataSet.string('x00080018'),
    series: dataSet.string('x0020000e'),
    study: dataSet.string('x0020000d'),
    // One number means different people at two issuers.
    patient: patient === null || issuer === null ? patient : `${patient}\\${issuer}`,
    studyDate: /^\d{8}$/.test(date) ? date : null,
    sex: sex(dataSet.string('x00100040') ?? undefined) ?? null,
    ageBand: ageBand(dataSet.string('x00101010') ?? undefined) ?? null,
  };
}
