import { Approvals } from './approvals.js';
import { seeCarried } from './carried-weights.js';
import { workFolder } from './site-work.js';

/**
 * Where this site keeps its own norms of a released model (FedBN), with which it trained and scored it.
 * @param metadata of the model's file
 * @returns null when the study shares its norms, the site never approved its plan, or delivered no round of it
 * @throws {FederationError} `CONFIG_INVALID` when the approval cannot be read
 */
export async function ownNormsFile(
  home: string,
  metadata: Readonly<Record<string, string>>,
): Promise<string | null> {
  const { study, plan_hash: hash, release } = metadata;
  if (study === undefined || hash === undefined || release === undefined) return null;
  const approval = await new Approvals(home).find(hash);
  if (approval?.plan.training.norms !== 'local') return null;
  return seeCarried('own', workFolder(home, study), hash, Number(release) + 1);
}
