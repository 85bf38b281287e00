import { z } from 'zod';
import { FederationError } from '@fedoxnet/shared/errors';
import { firstIssue } from '@fedoxnet/shared/protocol/parse-issue';
import type { FilmSource } from './film-source.js';
import { oneFile } from './source-tables.js';
import type { Importer, Mark } from './source-film.js';

const id = z.union([z.number(), z.string()]);
const imageEntry = z.object({ id, file_name: z.string().min(1) });
const annotationEntry = z.object({
  image_id: id,
  category_id: id,
  bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]),
  iscrowd: z.union([z.literal(0), z.literal(1), z.boolean()]).default(0),
});
/** Ids need not be dense or begin at 1. Images and annotations are checked one by one, so that one wrong entry stops nothing. */
const cocoFile = z.object({
  images: z.array(z.unknown()),
  annotations: z.array(z.unknown()),
  categories: z.array(z.object({ id, name: z.string().min(1) })),
});

/**
 * COCO JSON: boxes are x, y, width, height; a crowd box stands for several lesions and is no box of ours. Whether an image
 * without annotations is free of findings only its annotators know: `exhaustive` of the label map says it.
 * @param file name of the .json in the source; null where there is only one
 */
export function cocoImporter(file: string | null): Importer {
  return {
    format: 'coco',
    labels: null,
    async *films({ source, report }) {
      report.note('COCO names no patients: without --patients every film counts as a patient.');
      const name = oneFile(source, '.json', file);
      const content = await readCoco(source, name);
      const labelOf = new Map(content.categories.map((category) => [category.id, category.name]));
      const marks = new Map<string | number, Mark[]>();
      const images: { id: string | number; file: string; entry: string }[] = [];
      for (const [index, value] of content.images.entries()) {
        report.count(name);
        const at = { file: name, entry: `images[${index}]` };
        const image = imageEntry.safeParse(value);
        if (!image.success) report.refuse(at, firstIssue(image.error));
        else if (marks.has(image.data.id)) report.refuse(at, `the id ${image.data.id} is an earlier image's`);
        else {
          marks.set(image.data.id, []);
          images.push({ id: image.data.id, file: image.data.file_name, entry: at.entry });
        }
      }
      for (const [index, value] of content.annotations.entries()) {
        report.count(name);
        const at = { file: name, entry: `annotations[${index}]` };
        const annotation = annotationEntry.safeParse(value);
        if (!annotation.success) {
          report.refuse(at, firstIssue(annotation.error));
          continue;
        }
        const { image_id, category_id, bbox, iscrowd } = annotation.data;
        const [list, label] = [marks.get(image_id), labelOf.get(category_id)];
        if (list === undefined) report.refuse(at, `there is no image ${image_id}`);
        else if (label === undefined) report.refuse(at, `there is no category ${category_id}`);
        else if (iscrowd === 1 || iscrowd === true) {
          list.push({ label, says: 'crowd', at });
          report.refuse(at, 'a crowd region is not the box of a lesion');
        } else {
          const [x, y, width, height] = bbox;
          list.push({ label, says: { x, y, width, height }, at });
        }
      }
      for (const image of images)
        yield {
          key: image.file,
          files: [image.file],
          patient: image.file,
          at: { file: name, entry: image.entry },
          read: 'box',
          marks: marks.get(image.id)!,
        };
    },
  };
}

async function readCoco(source: FilmSource, name: string): Promise<z.output<typeof cocoFile>> {
  const pieces: Buffer[] = [];
  for await (const piece of source.open(name) as AsyncIterable<Buffer>) pieces.push(piece);
  let value: unknown;
  try {
    value = JSON.parse(Buffer.concat(pieces).toString('utf8'));
  } catch (cause) {
    throw new FederationError('DATA_INVALID', `${name} is not JSON (${(cause as Error).message}).`, {
      cause,
    });
  }
  const parsed = cocoFile.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new FederationError('DATA_INVALID', `${name} is not COCO: ${firstIssue(parsed.error)}.`);
}
