import { chord, edge, type AttenuationPlane } from '../attenuation-plane.js';
import { filmX, midlineAt, type Chest } from '../chest.js';
import type { Random } from '../../random.js';

/** Spine with its vertebrae, great vessels with the aortic knob, and the air in the trachea. */
export function addMediastinum(chest: Chest, film: AttenuationPlane, random: Random): void {
  const firstDisc = random.between(0, 0.06);
  film.add({ x1: 0.36, y1: 0, x2: 0.64, y2: 1 }, (x, y) => {
    const u = Math.abs(x - midlineAt(chest, y));
    const vertebra = 0.5 + 0.5 * Math.cos(((y - firstDisc) / 0.062) * 2 * Math.PI);
    const spine = edge(0.043 - u, 0.014) * (0.075 + 0.055 * Math.sqrt(vertebra));
    const vessels = edge(0.075 - u, 0.05) * edge(y - 0.12, 0.14) * edge(0.75 - y, 0.2) * 0.1;
    return spine + vessels;
  });
  addAorticKnob(chest, film, random);
  addTrachea(chest, film, random);
}

function addAorticKnob(chest: Chest, film: AttenuationPlane, random: Random): void {
  const y0 = random.between(0.3, 0.34);
  const x0 = filmX(chest, 1, random.between(0.052, 0.066), y0);
  const radius = random.between(0.034, 0.044);
  const bounds = { x1: x0 - 0.06, y1: y0 - 0.07, x2: x0 + 0.06, y2: y0 + 0.2 };
  film.add(bounds, (x, y) => {
    // A bowl above, and the descending aorta that leaves it downwards.
    const dy = y < y0 ? y - y0 : (y - y0) * 0.28;
    return 0.16 * edge(radius - Math.hypot(x - x0, dy), 0.012);
  });
}

function addTrachea(chest: Chest, film: AttenuationPlane, random: Random): void {
  const carina = random.between(0.33, 0.37);
  const drift = random.normal(-0.006, 0.003); // the aorta pushes it to the patient's right
  film.add({ x1: 0.4, y1: 0, x2: 0.6, y2: carina + 0.1 }, (x, y) => {
    const fromAxis = x - midlineAt(chest, y) - drift;
    const spread = Math.max(0, y - carina) * 0.75; // the two main bronchi
    const offset = Math.min(Math.abs(fromAxis - spread), Math.abs(fromAxis + spread)) / 0.019;
    return -0.2 * chord(offset) * edge(carina + 0.06 - y, 0.08);
  });
}
