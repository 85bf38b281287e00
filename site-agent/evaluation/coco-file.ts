import { z } from 'zod';
import { FederationError } from '@fedoxnet/shared/errors';
import { firstIssue } from '@fedoxnet/shared/protocol/parse-issue';
import { readJsonArray } from '../files/json-array.js';
import { readJsonFile } from '../files/json-file.js';
import type { ScoredBox, TruthBox } from './match-boxes.js';

/** COCO writes whole numbers; other tools also write names, such as DICOM identifiers. */
const id = z.union([z.number().int(), z.string().min(1)]);
export type CocoId = z.infer<typeof id>;

const side = z.number().min(0);
const bbox = z.tuple([z.number(), z.number(), side, side]);

/** The part of a COCO annotation file that boxes need; masks and key points are not read. */
const truthFile = z.object({
  images: z.array(z.object({ id })),
  categories: z.array(z.object({ id, name: z.string() })),
  annotations: z.array(
    z.object({
      id: id.optional(),
      image_id: id,
      category_id: id,
      bbox,
      /** Of the mask where there is one. */
      area: z.number().min(0).optional(),
      iscrowd: z.union([z.literal(0), z.literal(1), z.boolean()]).optional(),
    }),
  ),
});

const resultEntry = z.object({ image_id: id, category_id: id, bbox, score: z.number() });

/** Boxes by category, then image; images without a box are left out. */
export type BoxesByPlace<Box> = Map<CocoId, Map<CocoId, Box[]>>;

export interface CocoTruthSet {
  /** Rising, the order in which pycocotools ranks equal scores. */
  readonly images: readonly CocoId[];
  /** By rising id. */
  readonly categories: readonly { readonly id: CocoId; readonly name: string }[];
  readonly boxes: BoxesByPlace<TruthBox>;
}

/**
 * Reads true boxes. An annotation's `ignore` is not read: pycocotools overwrites it with `iscrowd`.
 * @throws {FederationError} `DATA_MISSING` without the file; `DATA_INVALID` naming the field when one is wrong, an id comes
 *   twice, or an annotation names an image or category that is not listed
 */
export async function readCocoTruth(path: string): Promise<CocoTruthSet> {
  const parsed = await readJsonFile(path, truthFile, 'DATA_INVALID');
  if (parsed === null) throw new FederationError('DATA_MISSING', `${path} does not exist.`);
  const images = distinctIds(parsed.images, `${path}: images`);
  const categories = distinctIds(parsed.categories, `${path}: categories`);
  distinctIds(parsed.annotations, `${path}: annotations`);
  const boxes: BoxesByPlace<TruthBox> = new Map();
  for (const [index, annotation] of parsed.annotations.entries()) {
    const { image_id, category_id, area, iscrowd } = annotation;
    checkPlace(annotation, images, categories, `${path}: annotations.${index}`);
    boxesAt(boxes, category_id, image_id).push({
      ...rectangle(annotation.bbox),
      ...(area !== undefined && { area }),
      crowd: Boolean(iscrowd),
    });
  }
  return {
    images: [...images].sort(byId),
    categories: parsed.categories.map(({ id, name }) => ({ id, name })).sort((a, b) => byId(a.id, b.id)),
    boxes,
  };
}

/**
 * Reads a COCO results file entry by entry; memory grows with the boxes alone.
 * @throws {FederationError} `DATA_MISSING` without the file; `DATA_INVALID` naming the entry (1-based) and field when one is
 *   wrong, or names an image or category that `truth` does not list
 */
export async function readCocoResults(path: string, truth: CocoTruthSet): Promise<BoxesByPlace<ScoredBox>> {
  const images = new Set(truth.images);
  const categories = new Set(truth.categories.map((category) => category.id));
  const boxes: BoxesByPlace<ScoredBox> = new Map();
  let count = 0;
  for await (const value of readJsonArray(path, 'DATA_INVALID')) {
    const where = `${path}: entry ${++count}`;
    const entry = resultEntry.safeParse(value);
    if (!entry.success)
      throw new FederationError('DATA_INVALID', `${where}: ${firstIssue(entry.error)}.`, {
        cause: entry.error,
      });
    const { image_id, category_id, score } = entry.data;
    checkPlace(entry.data, images, categories, where);
    boxesAt(boxes, category_id, image_id).push({ ...rectangle(entry.data.bbox), score });
  }
  return boxes;
}

/** @throws {FederationError} `DATA_INVALID` for an id that comes twice: tools differ in which of the two they take */
function distinctIds(entries: readonly { readonly id?: CocoId | undefined }[], what: string): Set<CocoId> {
  const ids = new Set<CocoId>();
  for (const [index, entry] of entries.entries()) {
    if (entry.id === undefined) continue;
    if (ids.has(entry.id))
      throw new FederationError('DATA_INVALID', `${what}.${index} has the id ${quoted(entry.id)} again.`);
    ids.add(entry.id);
  }
  return ids;
}

function checkPlace(
  { image_id, category_id }: { readonly image_id: CocoId; readonly category_id: CocoId },
  images: ReadonlySet<CocoId>,
  categories: ReadonlySet<CocoId>,
  where: string,
): void {
  if (!images.has(image_id))
    throw new FederationError(
      'DATA_INVALID',
      `${where} names image ${quoted(image_id)}, which the truth does not list.`,
    );
  if (!categories.has(category_id))
    throw new FederationError(
      'DATA_INVALID',
      `${where} names category ${quoted(category_id)}, which the truth does not list.`,
    );
}

function boxesAt<Box>(boxes: BoxesByPlace<Box>, category: CocoId, image: CocoId): Box[] {
  const images = boxes.get(category) ?? new Map<CocoId, Box[]>();
  boxes.set(category, images);
  const list = images.get(image) ?? [];
  images.set(image, list);
  return list;
}

function rectangle([x, y, width, height]: z.infer<typeof bbox>) {
  return { x, y, width, height };
}

/** Numbers rising, then names. */
function byId(a: CocoId, b: CocoId): number {
  if (typeof a === typeof b) return a < b ? -1 : a > b ? 1 : 0;
  return typeof a === 'number' ? -1 : 1;
}

/** 5 and "5" are two ids. */
const quoted = (value: CocoId): string => JSON.stringify(value).slice(0, 80);
