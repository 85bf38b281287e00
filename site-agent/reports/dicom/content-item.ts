import type { DicomElement, DicomItem } from '../../data/dicom/write/encode-elements.js';
import { codeItem, type Code } from './code.js';

/** How an item of a report's content tree belongs to the one above it (PS3.3, C.17.3.2.4). */
export type Relationship =
  'CONTAINS' | 'HAS OBS CONTEXT' | 'HAS CONCEPT MOD' | 'HAS ACQ CONTEXT' | 'SELECTED FROM';

/** A template of PS3.16 that a container follows. */
const MAPPING_RESOURCE = 'DCMR';

/** The content of a container, without its relationship: the root of a report has none. */
export function containerContent(
  concept: Code,
  children: readonly DicomItem[],
  template?: string,
): DicomElement[] {
  return [
    ...named('CONTAINER', concept),
    ['x0040a050', 'CS', 'SEPARATE'],
    ...(template === undefined ? [] : [templateElement(template)]),
    ['x0040a730', 'SQ', children],
  ];
}

export function container(concept: Code, children: readonly DicomItem[], template?: string): DicomItem {
  return [related('CONTAINS'), ...containerContent(concept, children, template)];
}

export function codeContent(
  relationship: Relationship,
  concept: Code,
  value: Code,
  children: readonly DicomItem[] = [],
): DicomItem {
  return [
    related(relationship),
    ...named('CODE', concept),
    ['x0040a168', 'SQ', [codeItem(value)]],
    ...below(children),
  ];
}

export function textContent(relationship: Relationship, concept: Code, text: string): DicomItem {
  return [related(relationship), ...named('TEXT', concept), ['x0040a160', 'UT', text]];
}

export function uidContent(relationship: Relationship, concept: Code, uid: string): DicomItem {
  return [related(relationship), ...named('UIDREF', concept), ['x0040a124', 'UI', uid]];
}

/** @param value as DS, at most 16 characters */
export function numberContent(concept: Code, value: string, unit: Code): DicomItem {
  const measured: DicomItem = [
    ['x004008ea', 'SQ', [codeItem(unit)]],
    ['x0040a30a', 'DS', value],
  ];
  return [related('CONTAINS'), ...named('NUM', concept), ['x0040a300', 'SQ', [measured]]];
}

export interface ImageReference {
  readonly sopClass: string;
  readonly sopInstance: string;
}

/** An item of a Referenced SOP, Image or Instance Sequence. */
export function referenceItem({ sopClass, sopInstance }: ImageReference): DicomItem {
  return [
    ['x00081150', 'UI', sopClass],
    ['x00081155', 'UI', sopInstance],
  ];
}

export function imageContent(
  relationship: Relationship,
  image: ImageReference,
  children: readonly DicomItem[] = [],
): DicomItem {
  return [
    related(relationship),
    ['x0040a040', 'CS', 'IMAGE'],
    ['x00081199', 'SQ', [referenceItem(image)]],
    ...below(children),
  ];
}

/** @param points column and row of each, pixels of the image, (0, 0) at the top left corner of its top left pixel */
export function regionContent(concept: Code, points: readonly number[], image: ImageReference): DicomItem {
  return [
    related('CONTAINS'),
    ...named('SCOORD', concept),
    ['x00700022', 'FL', points],
    ['x00700023', 'CS', 'POLYLINE'],
    ...below([imageContent('SELECTED FROM', image)]),
  ];
}

function related(relationship: Relationship): DicomElement {
  return ['x0040a010', 'CS', relationship];
}

function named(valueType: string, concept: Code): DicomElement[] {
  return [
    ['x0040a040', 'CS', valueType],
    ['x0040a043', 'SQ', [codeItem(concept)]],
  ];
}

function below(children: readonly DicomItem[]): DicomElement[] {
  return children.length === 0 ? [] : [['x0040a730', 'SQ', children]];
}

function templateElement(template: string): DicomElement {
  const item: DicomItem = [
    ['x00080105', 'CS', MAPPING_RESOURCE],
    ['x0040db00', 'CS', template],
  ];
  return ['x0040a504', 'SQ', [item]];
}
