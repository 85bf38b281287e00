import { FederationError } from '@fedoxnet/shared/errors';
import { namesOf } from '@fedoxnet/shared/study/label-names';
import { readCatalogue } from '../data/catalogue-file.js';
import type { StudyNames } from '../data/study-names.js';

/**
 * A model of other classes than the films are read for would be scored as if it found nothing.
 * @throws {FederationError} `MODEL_INVALID` when model and catalogue name classes and have none in common
 */
export async function refuseForeignClasses(
  modelPath: string,
  names: StudyNames,
  catalogueFolder: string,
): Promise<void> {
  const { classes } = await readCatalogue(catalogueFolder);
  if (classes.length === 0 || names.classes.some((name) => namesOf(name, names.labels, classes).length > 0))
    return;
  throw new FederationError(
    'MODEL_INVALID',
    `The model ${modelPath} knows ${names.classes.join(', ')}; the films of ${catalogueFolder} are read for ${classes.join(', ')}, none of them.`,
  );
}
