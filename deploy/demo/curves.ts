import { apByClass } from '@fedoxnet/coordinator/dashboard/charts/ap-by-class';
import { lossCurves } from '@fedoxnet/coordinator/dashboard/charts/loss-curves';
import type { StudyStatus } from '@fedoxnet/shared/protocol/status';
import { chartPicture, FRAME } from '../pictures/chart-picture.js';

/** The dashboard's own charts as pictures: what people saw live is what they take home. */

/** AP40 of each class by round, the mean over classes in bold. @returns a PNG file */
export function precisionPicture(status: StudyStatus): Buffer {
  return chartPicture('Average precision on held-out films, AP40', apByClass(status, 'ap40', FRAME));
}

/** One plot per loss term, a line per hospital. @returns a PNG file */
export function lossPicture(status: StudyStatus): Buffer {
  return chartPicture('Training losses by term', lossCurves(status, FRAME));
}
