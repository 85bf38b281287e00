import { FederationError } from '@fedoxnet/shared/errors';
import { readCatalogue } from '../data/catalogue-file.js';

/**
 * A model of other classes than the films are read for would be scored as if it found nothing.
 * @throws {FederationError} `MODEL_INVALID` when model and catalogue name classes and have none in common
 */
export async function refuseForeignClasses(
  modelPath: string,
  modelClasses: readonly string[],
  catalogueFolder: string,
): Promise<void> {
  const { classes } = await readCatalogue(catalogueFolder);
  if (classes.length === 0 || classes.some((name) => modelClasses.includes(name))) return;
  throw new FederationError(
    'MODEL_INVALID',
    `The model ${modelPath} knows ${modelClasses.join(', ')}; the films of ${catalogueFolder} are read for ${classes.join(', ')}, none of them.`,
  );
}
