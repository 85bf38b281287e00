import { EXPLICIT_LITTLE_ENDIAN } from '../../data/pacs/dimse/uids.js';
import { part10File } from '../../data/dicom/part-10-file.js';
import { encodeElements, type DicomElement } from '../../data/dicom/write/encode-elements.js';
import { referenceItem, type ImageReference } from './content-item.js';
import type { FilmContext } from './film-context.js';

/** The model that found something, as reports name it. */
export interface ReportedModel {
  readonly name: string;
  readonly version: string;
  /** SHA-256 of the model's file, hexadecimal. */
  readonly sha256: string;
  /** Version of this program. */
  readonly software: string;
}

export const MANUFACTURER = 'fedoxnet';

/** Where an object of ours is put: a series of our own in the film's study. */
export interface NewObject {
  readonly sopClass: string;
  readonly sopInstance: string;
  readonly series: string;
  /** From 1, within its series. */
  readonly number: number;
  readonly created: Date;
}

/** The modules that reports and presentation states have in common: patient, study, series, equipment, SOP common. */
export function commonModules(
  film: FilmContext,
  { sopClass, sopInstance, series, number, created }: NewObject,
  { name, sha256, software }: ReportedModel,
  kind: { readonly modality: 'SR' | 'PR'; readonly seriesNumber: number; readonly description: string },
): DicomElement[] {
  return [
    ...film.patientAndStudy,
    ...(film.characterSet === null ? [] : [['x00080005', 'CS', film.characterSet] as const]),
    ['x00080012', 'DA', dicomDate(created)],
    ['x00080013', 'TM', dicomTime(created)],
    ['x00080016', 'UI', sopClass],
    ['x00080018', 'UI', sopInstance],
    ['x00080060', 'CS', kind.modality],
    ['x00080070', 'LO', MANUFACTURER],
    ['x0008103e', 'LO', kind.description],
    ['x00081090', 'LO', name.slice(0, 64)],
    ['x00181000', 'LO', sha256],
    ['x00181020', 'LO', software],
    ['x0020000e', 'UI', series],
    ['x00200011', 'IS', String(kind.seriesNumber)],
    ['x00200013', 'IS', String(number)],
    ...(kind.modality === 'PR' ? [['x00200060', 'CS', ''] as const] : []), // Laterality: a chest has two sides
  ];
}

/** One item of a Referenced Series Sequence: the film within its series. */
export function seriesReference(film: FilmContext, imageSequence: 'x00081140' | 'x00081199'): DicomElement[] {
  return [
    ['x0020000e', 'UI', film.series],
    [imageSequence, 'SQ', [referenceItem(film)]],
  ];
}

/** @param characterSet in which texts of our own are written */
export function reportFile(
  object: ImageReference,
  elements: readonly DicomElement[],
  characterSet: string | null,
): Buffer {
  const dataSet = encodeElements(elements, characterSet);
  return part10File({ ...object, transferSyntax: EXPLICIT_LITTLE_ENDIAN }, dataSet);
}

/** In the machine's time zone, as all dates of a hospital are. */
export function dicomDate(date: Date): string {
  return `${date.getFullYear()}${two(date.getMonth() + 1)}${two(date.getDate())}`;
}

export function dicomTime(date: Date): string {
  return `${two(date.getHours())}${two(date.getMinutes())}${two(date.getSeconds())}`;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
