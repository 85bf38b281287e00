import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import type { UpdateMasses } from '@fedoxnet/shared/weights/roles';

/** A global model on the disk, a plaintext safetensors file. */
export interface ReleaseFile {
  readonly number: number;
  readonly path: string;
  readonly digest: string;
}

/** What a hospital hands over: an update as the plan's transfer encodes it. */
export interface UpdateFile {
  readonly site: string;
  readonly path: string;
  readonly masses: UpdateMasses;
}

export interface RoundExchange {
  readonly plan: StudyPlan;
  readonly round: number;
  /** The release that the sites trained from. */
  readonly base: ReleaseFile;
  readonly updates: readonly UpdateFile[];
  /** Where the next release goes; it appears there when it is whole. */
  readonly path: string;
}

/** The way of a round's updates to the next release. Both ways give the same bytes. */
export interface Exchange {
  /**
   * @throws {FederationError} when an update cannot be counted
   */
  nextRelease(round: RoundExchange): Promise<ReleaseFile>;
}
