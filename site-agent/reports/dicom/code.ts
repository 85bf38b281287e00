import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { DicomItem } from '../../data/dicom/write/encode-elements.js';

/** A concept of a terminology: value, coding scheme, meaning (PS3.3, 8). */
export const conceptCode = z.strictObject({
  value: z.string().regex(/^[!-[\]-~]{1,16}$/, 'must be 1 to 16 printable characters'),
  scheme: z.string().regex(/^[!-[\]-~]{1,16}$/, 'must be 1 to 16 printable characters'),
  meaning: z.string().regex(/^[^\\]{1,64}$/, 'must be 1 to 64 characters without a backslash'),
});
export type Code = z.infer<typeof conceptCode>;

const dcm = (value: string, meaning: string): Code => ({ value, scheme: 'DCM', meaning });
const sct = (value: string, meaning: string): Code => ({ value, scheme: 'SCT', meaning });

/** Concepts of the templates in PS3.16, with the template or context group that asks for each. */
export const CODES = {
  imagingMeasurementReport: dcm('126000', 'Imaging Measurement Report'), // TID 1500
  language: dcm('121049', 'Language of Content Item and Descendants'), // TID 1204
  english: { value: 'en', scheme: 'RFC5646', meaning: 'English' },
  observerType: dcm('121005', 'Observer Type'), // TID 1002
  device: dcm('121007', 'Device'),
  deviceUid: dcm('121012', 'Device Observer UID'), // TID 1004
  deviceName: dcm('121013', 'Device Observer Name'),
  deviceManufacturer: dcm('121014', 'Device Observer Manufacturer'),
  deviceModel: dcm('121015', 'Device Observer Model Name'),
  procedureReported: dcm('121058', 'Procedure reported'), // TID 1500
  projectionRadiography: { value: '43468-8', scheme: 'LN', meaning: 'XR unspecified body region' }, // CID 100
  imageLibrary: dcm('111028', 'Image Library'), // TID 1600
  imageLibraryGroup: dcm('126200', 'Image Library Group'),
  modality: dcm('121139', 'Modality'), // TID 1602
  imagingMeasurements: dcm('126010', 'Imaging Measurements'), // TID 1500
  // Of UMLS in TID 1500 itself.
  qualitativeEvaluations: { value: 'C0034375', scheme: 'UMLS', meaning: 'Qualitative Evaluations' },
  processingSummary: dcm('111017', 'CAD Processing and Findings Summary'), // TID 4101
  nothingFound: dcm('111241', 'All algorithms succeeded; without findings'), // CID 6047
  measurementGroup: dcm('125007', 'Measurement Group'), // TID 1410
  trackingIdentifier: dcm('112039', 'Tracking Identifier'),
  trackingUid: dcm('112040', 'Tracking Unique Identifier'),
  finding: dcm('121071', 'Finding'),
  algorithmName: dcm('111001', 'Algorithm Name'), // TID 4019
  algorithmParameters: dcm('111002', 'Algorithm Parameters'),
  algorithmVersion: dcm('111003', 'Algorithm Version'),
  certainty: dcm('111012', 'Certainty of Finding'), // TID 4104, in percent
  percent: { value: '%', scheme: 'UCUM', meaning: 'Percent' },
  imageRegion: dcm('111030', 'Image Region'), // TID 1410
} as const satisfies Record<string, Code>;

/** CID 29, as far as films have it. */
export const MODALITY_CODES: Readonly<Record<string, Code>> = {
  CR: dcm('CR', 'Computed Radiography'),
  DX: dcm('DX', 'Digital Radiography'),
  RG: dcm('RG', 'Radiographic imaging'),
};

/** Classes of the public data sets, names in small letters, for which PS3.16 has the concept; the group that holds it. */
export const STANDARD_FINDINGS: Readonly<Record<string, Code>> = {
  edema: sct('19242006', 'Pulmonary edema'), // CID 3700
  effusion: sct('60046008', 'Pleural effusion'), // CID 8134
  'pleural effusion': sct('60046008', 'Pleural effusion'),
  infiltrate: dcm('112121', 'Infiltrate'), // CID 6102, Chest Finding or Feature Modifier
  infiltration: dcm('112121', 'Infiltrate'),
  'lung opacity': dcm('112001', 'Opacity'), // CID 6102
  mass: sct('4147007', 'Mass'), // CID 6102
  nodule: sct('27925004', 'Nodule'), // CID 6102
  pneumothorax: sct('36118008', 'Pneumothorax'), // CID 6102
};

/**
 * Disorders of SNOMED CT that PS3.16 does not name. Where each stands in public with this meaning: in the map from MedDRA (a)
 * and value sets (b) of HL7 FHIR guides, in the OMOP vocabulary (c), in the labels of Stanford's chest studies (d).
 */
const SNOMED_FINDINGS: Readonly<Record<string, Code>> = {
  atelectasis: sct('46621007', 'Atelectasis'), // a, d
  cardiomegaly: sct('8186001', 'Cardiomegaly'), // d; PS3.16 gives 287272002 this meaning, which SNOMED CT gives to another
  consolidation: sct('95436008', 'Lung consolidation'), // c, d
  emphysema: sct('87433001', 'Pulmonary emphysema'), // b
  fibrosis: sct('51615001', 'Fibrosis of lung'), // a, b
  'pulmonary fibrosis': sct('51615001', 'Fibrosis of lung'),
  ild: sct('233703007', 'Interstitial lung disease'), // b
  pneumonia: sct('233604007', 'Pneumonia'), // b
};

/** A private scheme, for classes that no terminology is named for; PS3.16, 8.2 wants 99 before its name. */
const OWN_SCHEME = '99FEDOXNET';
const MOST_VALUE = 16;
const MOST_MEANING = 64;

/** What a class of the study means. @param own the site's or study's codes by class name, which win */
export function findingCode(className: string, own: Readonly<Record<string, Code>> = {}): Code {
  const name = className.toLowerCase();
  const known = own[className] ?? STANDARD_FINDINGS[name] ?? SNOMED_FINDINGS[name];
  if (known !== undefined) return known;
  const short = className.toUpperCase().replaceAll(' ', '_');
  const digest = createHash('sha256').update(className).digest('hex').toUpperCase();
  const value =
    /^[A-Z0-9_/-]+$/.test(short) && short.length <= MOST_VALUE ? short : digest.slice(0, MOST_VALUE);
  return { value, scheme: OWN_SCHEME, meaning: className.replaceAll('\\', '/').slice(0, MOST_MEANING) };
}

/** An item of a code sequence. */
export function codeItem({ value, scheme, meaning }: Code): DicomItem {
  return [
    ['x00080100', 'SH', value],
    ['x00080102', 'SH', scheme],
    ['x00080104', 'LO', meaning],
  ];
}
