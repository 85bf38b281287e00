import { edge, type AttenuationPlane } from '../attenuation-plane.js';
import { lateral, midlineAt, type Chest } from '../chest.js';

const WHOLE_FILM = { x1: 0, y1: 0, x2: 1, y2: 1 };

/** Soft tissue of the trunk: neck, shoulders, flanks, breasts and what lies under the diaphragm. */
export function addBody(chest: Chest, film: AttenuationPlane): void {
  const flank = 0.39 + 0.075 * chest.stoutness;
  film.add(WHOLE_FILM, (x, y) => {
    const u = Math.abs(x - midlineAt(chest, y));
    const inside = outline(y, flank) - u;
    if (inside <= 0) return 0;
    // A trunk is an ellipse from above: its thickness falls towards the flanks.
    const thickness = Math.sqrt(Math.min(1, inside / 0.22));
    const abdomen = 0.12 * edge(y - 0.8, 0.3);
    return edge(inside, 0.02) * (0.4 + 0.36 * thickness + 0.05 * chest.stoutness + abdomen);
  });
  if (chest.breast > 0) addBreasts(chest, film);
}

/** Half-width of the trunk: a neck that opens into sloping shoulders, then the flank. */
function outline(y: number, flank: number): number {
  const neck = 0.13;
  const slope = edge(y - 0.075, 0.17);
  return neck + (flank + 0.06 - neck) * slope - 0.06 * edge(y - 0.45, 0.5);
}

function addBreasts(chest: Chest, film: AttenuationPlane): void {
  for (const lung of chest.lungs) {
    const centreY = lung.domeY - 0.06;
    film.add({ x1: 0, y1: centreY - 0.2, x2: 1, y2: centreY + 0.2 }, (x, y) => {
      const u = lateral(chest, lung.side, x, y);
      const distance = Math.hypot((u - 0.24) / 0.16, (y - centreY) / 0.17);
      // Full at its lower fold, thin at its top.
      return chest.breast * edge(1 - distance, 0.25) * edge(y - centreY, 0.3);
    });
  }
}
