import type { GreyPlane } from '../grey-plane.js';
import type { Finding } from '../quarantine/findings.js';
import { hasBurnedInText } from './burned-in-text.js';
import { LEAST_SCORE, lookAtChest } from './chest-look.js';

/** What the picture itself says against the film. @param plane of about 1000 pixels on its longer side */
export function inspectFilm(plane: GreyPlane): Finding[] {
  const findings: Finding[] = [];
  const { turns, inverted, score } = lookAtChest(plane);
  if (score < LEAST_SCORE)
    findings.push({ reason: 'not-a-chest', detail: 'The picture looks like no frontal chest film.' });
  else {
    if (turns !== 0) {
      const how = turns === 2 ? 'upside down' : 'sideways';
      findings.push({ reason: 'turned', detail: `The picture looks like a chest film that lies ${how}.` });
    }
    if (inverted)
      findings.push({ reason: 'inverted', detail: 'The picture looks like a negative of a chest film.' });
  }
  if (hasBurnedInText(plane))
    findings.push({ reason: 'burned-in-text', detail: 'The picture carries more print than a side marker.' });
  return findings;
}
