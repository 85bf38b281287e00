import { heartBox } from '../anatomy/heart.js';
import { heartOfWidth, midlineAt } from '../chest.js';
import type { Lesion } from './lesion.js';

/** A heart wider than 55 % of the chest; its box is the heart's. Healthy hearts stay below 47 %. */
export const cardiomegaly: Lesion = {
  class: 'Cardiomegaly',
  reshape(chest, random) {
    const [right, left] = chest.lungs;
    const width = (right.outerU + left.outerU) * random.between(0.56, 0.68);
    return { ...chest, heart: heartOfWidth(width, midlineAt(chest, 0.6), left, random) };
  },
  paint: (chest) => [heartBox(chest.heart)],
};
