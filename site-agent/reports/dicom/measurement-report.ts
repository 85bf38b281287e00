import { namedUid } from '../../data/dicom/write/uid.js';
import type { DicomElement, DicomItem } from '../../data/dicom/write/encode-elements.js';
import type { Detection } from '../../evaluation/detection.js';
import { boxOutline } from './box-outline.js';
import { CODES, findingCode, MODALITY_CODES, type Code } from './code.js';
import {
  codeContent,
  container,
  containerContent,
  imageContent,
  numberContent,
  regionContent,
  textContent,
  uidContent,
} from './content-item.js';
import type { FilmContext } from './film-context.js';
import { MANUFACTURER, type ReportedModel } from './report-modules.js';

/** What is reported of one film. */
export interface FilmReport {
  readonly film: FilmContext;
  readonly model: ReportedModel;
  /** In the film's own pixels, best first. */
  readonly detections: readonly Detection[];
  /** Detections below it were left out. */
  readonly minScore: number;
  /** Codes of classes that the site names itself. */
  readonly codes: Readonly<Record<string, Code>>;
}

/** The content tree of a measurement report, TID 1500 of PS3.16: one planar measurement group (TID 1410) per box. */
export function measurementReport(report: FilmReport): DicomElement[] {
  const { film, detections } = report;
  const found = detections.map((detection, index) => measurementGroup(report, detection, index + 1));
  return containerContent(
    CODES.imagingMeasurementReport,
    [
      codeContent('HAS CONCEPT MOD', CODES.language, CODES.english),
      ...deviceObserver(report.model),
      codeContent('HAS CONCEPT MOD', CODES.procedureReported, CODES.projectionRadiography),
      imageLibrary(film),
      found.length > 0 ? container(CODES.imagingMeasurements, found) : nothingFound(report),
    ],
    '1500',
  );
}

/** TID 1004. The observer is this program with this model: another model is another observer. */
function deviceObserver({ name, sha256 }: ReportedModel): DicomItem[] {
  return [
    codeContent('HAS OBS CONTEXT', CODES.observerType, CODES.device),
    uidContent('HAS OBS CONTEXT', CODES.deviceUid, namedUid('fedoxnet device observer', sha256)),
    textContent('HAS OBS CONTEXT', CODES.deviceName, MANUFACTURER),
    textContent('HAS OBS CONTEXT', CODES.deviceManufacturer, MANUFACTURER),
    textContent('HAS OBS CONTEXT', CODES.deviceModel, name),
  ];
}

/** TID 1600: viewers find here which image to open. */
function imageLibrary(film: FilmContext): DicomItem {
  const modality = MODALITY_CODES[film.modality];
  const described = modality === undefined ? [] : [codeContent('HAS ACQ CONTEXT', CODES.modality, modality)];
  const group = container(CODES.imageLibraryGroup, [imageContent('CONTAINS', film, described)]);
  return container(CODES.imageLibrary, [group]);
}

/** TID 4019. */
function algorithm({ name, version, sha256 }: ReportedModel, minScore: number): DicomItem[] {
  return [
    textContent('HAS CONCEPT MOD', CODES.algorithmName, name),
    textContent('HAS CONCEPT MOD', CODES.algorithmVersion, version),
    textContent('HAS CONCEPT MOD', CODES.algorithmParameters, `model sha256:${sha256}`),
    textContent('HAS CONCEPT MOD', CODES.algorithmParameters, `least score ${minScore}`),
  ];
}

/** @param number from 1, in the order of the report */
function measurementGroup(
  { film, model, minScore, codes }: FilmReport,
  detection: Detection,
  number: number,
): DicomItem {
  const outline = boxOutline(detection);
  const code = findingCode(detection.class, codes);
  // The same model finds the same box on the same film again: it is the same thing, whichever report it stands in.
  const tracked = namedUid(
    'fedoxnet finding',
    film.sopInstance,
    model.sha256,
    detection.class,
    outline.join(),
  );
  return container(
    CODES.measurementGroup,
    [
      textContent('HAS OBS CONTEXT', CODES.trackingIdentifier, `${number} ${code.meaning}`),
      uidContent('HAS OBS CONTEXT', CODES.trackingUid, tracked),
      codeContent('CONTAINS', CODES.finding, code),
      ...algorithm(model, minScore),
      numberContent(CODES.certainty, (100 * detection.score).toFixed(2), CODES.percent),
      regionContent(CODES.imageRegion, outline, film),
    ],
    '1410',
  );
}

/** A report must say that nothing was found, and what looked: its absence would say nothing. */
function nothingFound({ model, minScore }: FilmReport): DicomItem {
  const summary = codeContent(
    'CONTAINS',
    CODES.processingSummary,
    CODES.nothingFound,
    algorithm(model, minScore),
  );
  return container(CODES.qualitativeEvaluations, [summary]);
}
