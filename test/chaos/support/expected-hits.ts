import type { Failpoint } from '@fedoxnet/shared/failpoints/failpoints';
import { SITES, STEPS } from './template.js';

/** Chunks of an update or release of the trials' model. */
const CHUNKS = 2;
/** Of a state of the server's optimiser: two arrays as long as the model. */
const STATE_CHUNKS = 3;
/** After each quarter of a round but the last. */
const CHECKPOINTS = 3;

/** How often an undisturbed study reaches each failpoint; `null` where that depends on how bytes come and windows are cut. */
export function expectedHits(rounds: number): Record<Failpoint, number | null> {
  const sites = SITES.length;
  /** Parts that sites take in rounds. */
  const parts = rounds * sites;
  /** A site fetches the first release and that of each round, which it scores and begins the next round from. */
  const downloads = (rounds + 1) * sites;
  const coordinatorBlobs = (parts + rounds) * CHUNKS + (rounds - 1) * STATE_CHUNKS;
  return {
    'coordinator.start.migrated': 1,
    'coordinator.start.resumed': 1,
    'coordinator.start.storing': 1,
    'coordinator.start.stored': 1,
    'coordinator.accept.storing': parts,
    'coordinator.accept.stored': parts,
    'coordinator.collect.storing': parts,
    'coordinator.collect.stored': parts,
    'coordinator.aggregate.storing': rounds,
    'coordinator.aggregate.stored': rounds,
    'coordinator.evaluate.storing': parts,
    'coordinator.evaluate.stored': parts,
    'coordinator.publish.storing': rounds,
    'coordinator.publish.stored': rounds,
    'coordinator.next.storing': rounds - 1,
    'coordinator.next.stored': rounds - 1,
    'coordinator.audit.appended': null,
    'coordinator.invite.sending': parts,
    'coordinator.invite.answered': parts,
    'coordinator.release.granting': downloads,
    'coordinator.upload.opening': parts,
    'coordinator.upload.opened': parts,
    'coordinator.chunk.stored': parts * CHUNKS,
    'coordinator.upload.verified': parts,
    'coordinator.upload.counted': parts,
    'coordinator.evaluate.asking': parts,
    'coordinator.evaluate.answered': parts,
    'coordinator.close.telling': rounds,
    'coordinator.end.telling': 1,
    'coordinator.blob.writing': null,
    'coordinator.blob.synced': coordinatorBlobs,
    'coordinator.blob.stored': coordinatorBlobs,
    'coordinator.aggregate.begun': rounds,
    'coordinator.aggregate.judged': rounds,
    'coordinator.aggregate.folded': rounds,
    'coordinator.aggregate.tensor': null,
    'coordinator.aggregate.kept': rounds,
    'coordinator.aggregate.sealed': rounds,
    'coordinator.publish.scored': rounds,
    'agent.start.locked': sites,
    'agent.session.opened': sites,
    'agent.invite.journaled': parts,
    // To a round, and to score its release.
    'agent.invite.answering': 2 * parts,
    // Accepted, sealed, delivered.
    'agent.journal.writing': 3 * parts,
    'agent.journal.written': 3 * parts,
    'agent.download.granted': downloads,
    'agent.download.writing': downloads * CHUNKS,
    'agent.download.chunk': downloads * CHUNKS,
    'agent.download.verified': downloads,
    'agent.download.renamed': downloads,
    'agent.train.starting': parts,
    'agent.train.finished': parts,
    'agent.seal.ticket': parts,
    'agent.seal.journaled': parts,
    'agent.upload.opened': parts,
    'agent.upload.sending': parts * CHUNKS,
    'agent.upload.chunk': parts * CHUNKS,
    'agent.upload.completed': parts,
    'agent.upload.kept': parts,
    'agent.upload.journaled': parts,
    'agent.upload.removed': parts,
    'agent.evaluate.asked': parts,
    'agent.evaluate.scored': parts,
    'agent.evaluate.reported': parts,
    'trainer.prepare.loaded': sites,
    'trainer.train.begun': parts,
    'trainer.train.step': parts * STEPS,
    'trainer.checkpoint.writing': parts * CHECKPOINTS,
    'trainer.checkpoint.written': parts * CHECKPOINTS,
    'trainer.own.written': parts,
    'trainer.update.writing': parts,
    'trainer.update.written': parts,
    'trainer.train.done': parts,
    'trainer.evaluate.begun': parts,
    'trainer.evaluate.done': parts,
  };
}
