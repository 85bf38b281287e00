import { cardiomegaly } from './cardiomegaly.js';
import { consolidation } from './consolidation.js';
import { effusion } from './effusion.js';
import type { Lesion } from './lesion.js';
import { mass } from './mass.js';
import { nodule } from './nodule.js';
import { pneumothorax } from './pneumothorax.js';

/** Every finding a phantom can show. Large ones first: they leave room for the small ones, not the other way round. */
export const LESIONS: readonly Lesion[] = [cardiomegaly, pneumothorax, effusion, consolidation, mass, nodule];

/** Class names of the phantoms, in the order of a study over all of them. */
export const PHANTOM_CLASSES: readonly string[] = LESIONS.map((lesion) => lesion.class);
