import type { AttenuationPlane, UnitBox } from '../attenuation-plane.js';
import { heartAt, type Heart } from '../chest.js';

/** What the heart adds besides driving the air out (`lungs.ts`). */
const HEART = 0.2;

export function addHeart(heart: Heart, film: AttenuationPlane): void {
  const box = heartBox(heart);
  const reach = Math.max(heart.radiusX, heart.radiusY);
  const bounds = { x1: box.x1 - 0.02, y1: box.y1 - 0.02, x2: box.x2 + 0.02, y2: box.y2 + 0.02 };
  film.add(bounds, (x, y) => {
    const inside = heartAt(heart, x, y);
    if (inside === 0) return 0;
    return HEART * inside * (1 - 0.3 * Math.min(1, Math.hypot(x - heart.x, y - heart.y) / reach));
  });
}

/** The tightest box around the tilted ellipse: half-widths √(a² cos² + b² sin²) and √(a² sin² + b² cos²). */
export function heartBox({ x, y, radiusX, radiusY, tilt }: Heart): UnitBox {
  const halfWidth = Math.hypot(radiusX * Math.cos(tilt), radiusY * Math.sin(tilt));
  const halfHeight = Math.hypot(radiusX * Math.sin(tilt), radiusY * Math.cos(tilt));
  return { x1: x - halfWidth, y1: y - halfHeight, x2: x + halfWidth, y2: y + halfHeight };
}
