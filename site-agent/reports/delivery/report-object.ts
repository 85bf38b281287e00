import { readFile } from 'node:fs/promises';
import { FederationError } from '@fedoxnet/shared/errors';
import { parseDicomFile } from '../../data/dicom/data-set.js';
import { DicomRefusal } from '../../data/dicom/dicom-refusal.js';
import { EXPLICIT_LITTLE_ENDIAN } from '../../data/pacs/dimse/uids.js';
import { GREYSCALE_STATE } from '../dicom/presentation-state.js';
import { MANUFACTURER } from '../dicom/report-modules.js';
import { REPORT_CLASSES } from '../dicom/structured-report.js';

/** What may be sent: reports and presentation states, never a film. */
export const SENT_CLASSES: readonly string[] = [...Object.values(REPORT_CLASSES), GREYSCALE_STATE];

/** A file that is ready to be sent. */
export interface ReportObject {
  readonly path: string;
  readonly sopClass: string;
  readonly sopInstance: string;
  readonly file: Buffer;
  /** The part of the file after its meta information, in Explicit VR Little Endian. */
  readonly dataSet: Buffer;
}

const META_LENGTH_AT = 140;
const META_AT = 144;

/** @throws {FederationError} `DATA_MISSING` without the file; `DATA_INVALID` for anything but what `predict --reports` wrote */
export async function readReportObject(path: string): Promise<ReportObject> {
  const file = await readFile(path).catch((cause: Error) => {
    throw new FederationError('DATA_MISSING', `${path} cannot be read (${cause.message}).`, { cause });
  });
  const { dataSet, syntax } = parse(path, file);
  const sopClass = dataSet.string('x00080016') ?? '';
  const sopInstance = dataSet.string('x00080018') ?? '';
  const isOurs = SENT_CLASSES.includes(sopClass) && dataSet.string('x00080070') === MANUFACTURER;
  if (!isOurs || syntax.uid !== EXPLICIT_LITTLE_ENDIAN)
    throw new FederationError('DATA_INVALID', `${path} is no report that fedoxnet wrote.`);
  const body = file.subarray(META_AT + file.readUInt32LE(META_LENGTH_AT));
  return { path, sopClass, sopInstance, file, dataSet: body };
}

function parse(path: string, file: Buffer): ReturnType<typeof parseDicomFile> {
  try {
    return parseDicomFile(file);
  } catch (cause) {
    if (!(cause instanceof DicomRefusal)) throw cause;
    throw new FederationError('DATA_INVALID', `${path}: ${cause.message}`, { cause });
  }
}
