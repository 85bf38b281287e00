import { FederationError } from '@fedoxnet/shared/errors';
import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import { whyWaits } from '@fedoxnet/shared/study/stage-plan';
import { readCatalogue } from '../data/catalogue-file.js';
import { kindsOf } from './site-films.js';

/**
 * A site whose films do not teach in the plan's present stage neither downloads nor trains.
 * @param round 1-based
 * @param data  folder of the catalogue
 * @throws {FederationError} `STAGE_NOT_REACHED` with the round it waits for; as `readCatalogue`
 */
export async function requireStage(
  { classes, training }: StudyPlan,
  round: number,
  data: string,
): Promise<void> {
  if (training.stages === undefined) return;
  const { films } = await readCatalogue(data);
  const train = films.filter((film) => film.split === 'train');
  const why = whyWaits(training.stages, kindsOf(train, classes), round);
  if (why !== null) throw new FederationError('STAGE_NOT_REACHED', why);
}
