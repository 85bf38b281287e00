import type { AttenuationPlane, UnitBox } from '../attenuation-plane.js';
import type { Chest } from '../chest.js';
import type { Random } from '../../random.js';

/** One kind of finding: how it changes the chest, how it looks on the film, and where exactly it lies. */
export interface Lesion {
  readonly class: string;
  /** Changes the anatomy before it is drawn. */
  readonly reshape?: (chest: Chest, random: Random) => Chest;
  /**
   * Draws the finding over the anatomy, away from what is `taken` already.
   * @returns one box per lesion drawn; none when there was no room.
   */
  readonly paint: (
    chest: Chest,
    film: AttenuationPlane,
    random: Random,
    taken: readonly UnitBox[],
  ) => UnitBox[];
}
