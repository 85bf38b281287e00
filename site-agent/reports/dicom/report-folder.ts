import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readAcquisition } from '../../data/dicom/acquisition.js';
import { isDicom, parseDicomFile, type DataSet } from '../../data/dicom/data-set.js';
import { newUid } from '../../data/dicom/write/uid.js';
import type { Detection } from '../../evaluation/detection.js';
import { writeFileAtomic } from '../../files/atomic-file.js';
import type { Code } from './code.js';
import { filmDisplay } from './film-display.js';
import { readFilmContext } from './film-context.js';
import type { FilmReport } from './measurement-report.js';
import { presentationState } from './presentation-state.js';
import type { NewObject, ReportedModel } from './report-modules.js';
import { structuredReport, type ReportClass } from './structured-report.js';

export interface ReportFolderOptions {
  readonly folder: string;
  readonly model: ReportedModel;
  readonly minScore: number;
  readonly reportClass: ReportClass;
  readonly codes: Readonly<Record<string, Code>>;
  /** Also a presentation state per film. */
  readonly presentationStates: boolean;
}

export interface FilmToReport {
  /** Of its DICOM file. */
  readonly path: string;
  /** In the pixels of that file. */
  readonly detections: readonly Detection[];
  /**
   * What its picture raised: nothing is said of a film that may be no chest. Null for a film that the door or a person
   * admitted; then its header raises none either.
   */
  readonly doubts: readonly string[] | null;
  /** Which film the file must hold, where that is known. */
  readonly sopInstance?: string | null;
}

/** What was written of a film, or why nothing was. */
export type Reported =
  { readonly report: string; readonly presentation?: string } | { readonly unreported: string };

/** The series that objects of one run go to: new ones, in each study that has a film among those seen. */
interface StudySeries {
  readonly reports: string;
  readonly states: string;
  films: number;
}

/**
 * Writes findings as DICOM objects, one file each, named after their SOP Instance UIDs. They repeat whose film it is, so only
 * their owner may read them, and the folder must not lie in the site's data folder.
 */
export class ReportFolder {
  private readonly series = new Map<string, StudySeries>();

  constructor(
    private readonly options: ReportFolderOptions,
    private readonly now: () => Date = () => new Date(),
  ) {}

  async add({ path, detections, doubts, sopInstance = null }: FilmToReport): Promise<Reported> {
    const bytes = await readFile(path).catch(() => null);
    if (bytes === null) return { unreported: 'The DICOM file that it came from cannot be read' };
    if (!isDicom(bytes)) return { unreported: 'It is no DICOM film' };
    const { dataSet } = parseDicomFile(bytes);
    const film = readFilmContext(dataSet);
    if (film === null) return { unreported: 'Its header lacks a UID of class, instance, series or study' };
    if (sopInstance !== null && film.sopInstance !== sopInstance)
      return { unreported: 'The DICOM file that it came from holds another film now' };
    const [doubt] = doubts === null ? [] : [...doubts, ...headerDoubts(dataSet)];
    if (doubt !== undefined) return { unreported: doubt };

    const { model, minScore, codes, reportClass, presentationStates } = this.options;
    const report: FilmReport = { film, model, minScore, codes, detections };
    const series = this.seriesOf(film.study);
    series.films++;
    const object = (inSeries: string): Omit<NewObject, 'sopClass'> => ({
      ...{ series: inSeries, number: series.films },
      ...{ sopInstance: newUid(), created: this.now() },
    });
    const place = object(series.reports);
    const written = await this.write('SR', place.sopInstance, structuredReport(report, place, reportClass));
    const display = presentationStates ? filmDisplay(dataSet) : null;
    if (display === null) return { report: written };
    const state = object(series.states);
    const bytesOfState = presentationState(report, state, display);
    return { report: written, presentation: await this.write('PR', state.sopInstance, bytesOfState) };
  }

  private async write(kind: 'SR' | 'PR', uid: string, bytes: Uint8Array): Promise<string> {
    const path = join(this.options.folder, `${kind}.${uid}.dcm`);
    await writeFileAtomic(path, bytes, 0o600);
    return path;
  }

  private seriesOf(study: string): StudySeries {
    const known = this.series.get(study);
    if (known !== undefined) return known;
    const fresh: StudySeries = { reports: newUid(), states: newUid(), films: 0 };
    this.series.set(study, fresh);
    return fresh;
  }
}

/** Burned-in text is no reason here: nothing leaves the hospital. */
function headerDoubts(dataSet: DataSet): string[] {
  const { findings } = readAcquisition(dataSet);
  return findings.filter(({ reason }) => reason !== 'burned-in-text').map(({ detail }) => detail);
}
