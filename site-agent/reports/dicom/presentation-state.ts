import type { DicomElement, DicomItem } from '../../data/dicom/write/encode-elements.js';
import type { Detection } from '../../evaluation/detection.js';
import { boxOutline } from './box-outline.js';
import { findingCode } from './code.js';
import { referenceItem } from './content-item.js';
import type { FilmReport } from './measurement-report.js';
import {
  commonModules,
  dicomDate,
  dicomTime,
  reportFile,
  seriesReference,
  type NewObject,
} from './report-modules.js';

export const GREYSCALE_STATE = '1.2.840.10008.5.1.4.1.1.11.1';
const SERIES_NUMBER = 9901;
const LAYER = 'FINDINGS';

/**
 * A film's findings as a Grayscale Softcopy Presentation State (PS3.3, A.33.1): frames and names that viewers lay over the film,
 * for those that do not show structured reports. Machines read the report, not this.
 * @param display of the film, from `filmDisplay`
 */
export function presentationState(
  report: FilmReport,
  object: Omit<NewObject, 'sopClass'>,
  display: readonly DicomElement[],
): Buffer {
  const { film, model, detections } = report;
  const sopClass = GREYSCALE_STATE;
  const kind = {
    modality: 'PR',
    seriesNumber: SERIES_NUMBER,
    description: 'Findings of a model, not verified',
  } as const;
  const annotations = detections.map((detection) => annotation(report, detection));
  const elements: DicomItem = [
    ...commonModules(film, { ...object, sopClass }, model, kind),
    ['x00081115', 'SQ', [seriesReference(film, 'x00081140')]],
    ...display,
    ['x0070005a', 'SQ', [wholeFilm(report)]],
    ...(annotations.length === 0 ? [] : [['x00700001', 'SQ', annotations] as const]),
    ...(annotations.length === 0 ? [] : [['x00700060', 'SQ', [layer()]] as const]),
    ['x00700080', 'CS', LAYER],
    ['x00700081', 'LO', `${detections.length} found by ${model.name}`.slice(0, 64)],
    ['x00700082', 'DA', dicomDate(object.created)],
    ['x00700083', 'TM', dicomTime(object.created)],
    ['x00700084', 'PN', ''],
  ];
  return reportFile({ sopClass, sopInstance: object.sopInstance }, elements, film.characterSet);
}

/** Displayed Area module: corners count pixels from 1. */
function wholeFilm({ film }: FilmReport): DicomItem {
  return [
    ['x00081140', 'SQ', [referenceItem(film)]],
    ['x00700052', 'SL', [1, 1]],
    ['x00700053', 'SL', [film.columns, film.rows]],
    ['x00700100', 'CS', 'SCALE TO FIT'],
    ['x00700102', 'IS', film.aspectRatio],
  ];
}

function layer(): DicomItem {
  return [
    ['x00700002', 'CS', LAYER],
    ['x00700062', 'IS', '1'],
    ['x00700066', 'US', 0xffff],
  ];
}

function annotation({ film, codes }: FilmReport, detection: Detection): DicomItem {
  const name = `${findingCode(detection.class, codes).meaning} ${detection.score.toFixed(2)}`;
  const text: DicomItem = [
    ['x00700004', 'CS', 'PIXEL'],
    ['x00700006', 'ST', name],
    ['x00700014', 'FL', [detection.x, detection.y]],
    ['x00700015', 'CS', 'N'],
  ];
  const frame: DicomItem = [
    ['x00700005', 'CS', 'PIXEL'],
    ['x00700020', 'US', 2],
    ['x00700021', 'US', 5],
    ['x00700022', 'FL', boxOutline(detection)],
    ['x00700023', 'CS', 'POLYLINE'],
    ['x00700024', 'CS', 'N'],
  ];
  return [
    ['x00081140', 'SQ', [referenceItem(film)]],
    ['x00700002', 'CS', LAYER],
    ['x00700008', 'SQ', [text]],
    ['x00700009', 'SQ', [frame]],
  ];
}
