import type { DicomItem } from '../../data/dicom/write/encode-elements.js';
import { measurementReport, type FilmReport } from './measurement-report.js';
import {
  commonModules,
  dicomDate,
  dicomTime,
  reportFile,
  seriesReference,
  type NewObject,
} from './report-modules.js';

/** Storage SOP classes that a measurement report may have (PS3.4, B.5): which one a viewer takes differs. */
export const REPORT_CLASSES = {
  comprehensive: '1.2.840.10008.5.1.4.1.1.88.33',
  'comprehensive-3d': '1.2.840.10008.5.1.4.1.1.88.34',
} as const;
export type ReportClass = keyof typeof REPORT_CLASSES;

const SERIES_NUMBER = 9900;

/**
 * A film's findings as a Comprehensive SR (PS3.3, A.35.3, and for 3D A.35.13). It is partial, since a model looks for a few
 * classes only, and unverified and preliminary, since no person has read it.
 */
export function structuredReport(
  report: FilmReport,
  object: Omit<NewObject, 'sopClass'>,
  reportClass: ReportClass,
): Buffer {
  const { film, model, minScore } = report;
  const sopClass = REPORT_CLASSES[reportClass];
  const kind = {
    modality: 'SR',
    seriesNumber: SERIES_NUMBER,
    description: 'Findings of a model, not verified',
  } as const;
  const evidence: DicomItem = [
    ['x0020000d', 'UI', film.study],
    ['x00081115', 'SQ', [seriesReference(film, 'x00081199')]],
  ];
  const elements: DicomItem = [
    ...commonModules(film, { ...object, sopClass }, model, kind),
    ['x00080023', 'DA', dicomDate(object.created)],
    ['x00080033', 'TM', dicomTime(object.created)],
    ['x00081111', 'SQ', []],
    ['x0040a372', 'SQ', []],
    ['x0040a375', 'SQ', [evidence]],
    ['x0040a491', 'CS', 'PARTIAL'],
    ['x0040a492', 'LO', `Only the classes of the model, above a score of ${minScore}`],
    ['x0040a493', 'CS', 'UNVERIFIED'],
    ['x0040a496', 'CS', 'PRELIMINARY'],
    ...measurementReport(report),
  ];
  return reportFile({ sopClass, sopInstance: object.sopInstance }, elements, film.characterSet);
}
