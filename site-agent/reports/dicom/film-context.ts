import type { DataSet, Tag } from '../../data/dicom/data-set.js';
import { characterSetFor } from '../../data/dicom/write/character-set.js';
import type { DicomElement } from '../../data/dicom/write/encode-elements.js';
import { isUid } from '../../data/pacs/pacs.js';

/** What a report repeats of its film: whose it is, in which study, and which image. Stays at the hospital. */
export interface FilmContext {
  /** Patient and General Study modules, texts byte for byte as the film has them. */
  readonly patientAndStudy: readonly DicomElement[];
  /** Of those texts, and so of the report. */
  readonly characterSet: string | null;
  readonly sopClass: string;
  readonly sopInstance: string;
  readonly series: string;
  readonly study: string;
  readonly modality: string;
  readonly rows: number;
  readonly columns: number;
  /** Height and width of a pixel as whole numbers, usually 1 and 1. */
  readonly aspectRatio: readonly [string, string];
}

type CopiedVr = 'PN' | 'LO' | 'SH' | 'DA' | 'TM' | 'CS' | 'AS' | 'DS';

/** Attributes that stand in every object of a study; those marked must stand even when they are empty (type 2). */
const COPIED: readonly (readonly [tag: Tag, vr: CopiedVr, type: 2 | 3])[] = [
  ['x00080020', 'DA', 2], // Study Date
  ['x00080030', 'TM', 2], // Study Time
  ['x00080050', 'SH', 2], // Accession Number
  ['x00080090', 'PN', 2], // Referring Physician's Name
  ['x00081030', 'LO', 3], // Study Description
  ['x00100010', 'PN', 2], // Patient's Name
  ['x00100020', 'LO', 2], // Patient ID
  ['x00100021', 'LO', 3], // Issuer of Patient ID
  ['x00100030', 'DA', 2], // Patient's Birth Date
  ['x00100040', 'CS', 2], // Patient's Sex
  ['x00101010', 'AS', 3], // Patient's Age
  ['x00101020', 'DS', 3], // Patient's Size
  ['x00101030', 'DS', 3], // Patient's Weight
  ['x00200010', 'SH', 2], // Study ID
];

/** What a value must look like; a film's malformed one is left out rather than repeated. */
const FORMS: Readonly<Partial<Record<CopiedVr, RegExp>>> = {
  DA: /^\d{8}$/,
  TM: /^\d{2}(\d{2}(\d{2}(\.\d{1,6})?)?)?$/,
  CS: /^[A-Z0-9 _]{1,16}$/,
  AS: /^\d{3}[DWMY]$/,
  DS: /^[-+]?[\d.]{1,14}([eE][-+]?\d{1,3})?$/,
};

/** @returns null for a film that does not say which image it is: nothing can refer to it */
export function readFilmContext(dataSet: DataSet): FilmContext | null {
  const sopClass = dataSet.string('x00080016');
  const sopInstance = dataSet.string('x00080018');
  const series = dataSet.string('x0020000e');
  const study = dataSet.string('x0020000d');
  if (!isUid(sopClass) || !isUid(sopInstance) || !isUid(series) || !isUid(study)) return null;
  const copied = COPIED.flatMap(([tag, vr, type]) => {
    const value = copiedValue(dataSet, tag, vr);
    return value.length === 0 && type === 3 ? [] : [[tag, vr, value] as const];
  });
  return {
    patientAndStudy: [...copied, ['x0020000d', 'UI', study]],
    characterSet: characterSetFor(
      dataSet.strings('x00080005').join('\\') || null,
      copied.map(([, , value]) => value),
    ),
    ...{ sopClass, sopInstance, series, study },
    modality: dataSet.string('x00080060')?.toUpperCase() ?? '',
    rows: dataSet.uint16('x00280010') ?? 0,
    columns: dataSet.uint16('x00280011') ?? 0,
    aspectRatio: aspectRatioOf(dataSet),
  };
}

function aspectRatioOf(dataSet: DataSet): readonly [string, string] {
  const [height, width] = dataSet.strings('x00280034');
  const isCount = (text: string | undefined): text is string => /^[1-9]\d{0,8}$/.test(text ?? '');
  return isCount(height) && isCount(width) ? [height, width] : ['1', '1'];
}

function copiedValue(dataSet: DataSet, tag: Tag, vr: CopiedVr): Buffer {
  const element = dataSet.element(tag);
  if (element === null || element.items !== undefined || element.length === 0) return Buffer.alloc(0);
  const bytes = Buffer.from(dataSet.bytes.subarray(element.dataOffset, element.dataOffset + element.length));
  const end = bytes.findLastIndex((byte) => byte !== 0 && byte !== 0x20) + 1;
  const value = bytes.subarray(0, end);
  const form = FORMS[vr];
  if (form === undefined) return value;
  // 1995.07.20 and 10:15:00 are how files of before 1993 write what is now 19950720 and 101500.
  const modern = value
    .toString('latin1')
    .replace(vr === 'DA' ? /\./g : vr === 'TM' ? /:/g : /$^/, '')
    .trim();
  return form.test(modern) ? Buffer.from(modern, 'latin1') : Buffer.alloc(0);
}
