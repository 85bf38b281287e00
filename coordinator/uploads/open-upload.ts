import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { FederationError } from '@fedoxnet/shared/errors';
import { failpoint } from '@fedoxnet/shared/failpoints/failpoint';
import type { uploadRequest, UploadState } from '@fedoxnet/shared/protocol/http-messages';
import { checkChunkCount } from '@fedoxnet/shared/sealing/chunks';
import type { UpdateHeader } from '@fedoxnet/shared/sealing/header';
import { verifyHeader } from '@fedoxnet/shared/sealing/signed-header';
import { canonicalJson } from '@fedoxnet/shared/study/canonical-json';
import { transferOf } from '@fedoxnet/shared/study/transfer-plan';
import { uploadFolder } from '../blobs/blob-store.js';
import type { CoordinatorContext } from '../context.js';
import type { Caller } from '../sites/agent-link.js';
import { requireHeldKey } from '../sites/held-key.js';
import type { UploadRow } from '../storage/round-tables.js';
import type { SiteRow } from '../storage/site-tables.js';
import { requireModel } from '../studies/require-model.js';
import { requirePart } from '../studies/require-part.js';
import { mostUpdateBytes } from './travelling-shapes.js';

/** Which chunks are here. */
export async function uploadState({ blobs }: CoordinatorContext, upload: UploadRow): Promise<UploadState> {
  const { id, header, completedAt } = upload;
  const complete = completedAt !== null;
  const received = complete
    ? Array.from({ length: header.chunks }, (_, index) => index)
    : (await blobs.list(uploadFolder(id))).map(Number).sort((a, b) => a - b);
  return { id, chunks: header.chunks, received, complete };
}

/**
 * Begins an upload, or finds the one begun before: a site has one per study, round and attempt. Another header for
 * an upload that was never completed replaces it. Chunks come by an id that only the answer to this names: who may ask this
 * may upload.
 * @throws {FederationError} `FORBIDDEN`, `SIGNATURE_INVALID`, `SITE_ALREADY_CONNECTED`, `ROUND_CLOSED`, `UPLOAD_MISMATCH`,
 *   `PLAN_NOT_APPROVED`, `TOO_LARGE`
 */
export async function openUpload(
  context: CoordinatorContext,
  site: SiteRow,
  caller: Caller,
  { header, signature }: z.infer<typeof uploadRequest>,
): Promise<UploadState> {
  const { database, now } = context;
  const { uploads } = database.stores;
  if (header.site !== site.name) {
    throw new FederationError('FORBIDDEN', `Site ${site.name} may not upload as ${header.site}.`);
  }
  checkChunkCount(header);
  if (!verifyHeader(header, signature, site.signKey)) {
    throw new FederationError('SIGNATURE_INVALID', `The header is not signed with the key of ${site.name}.`);
  }
  const key = { study: header.study, round: header.round, attempt: header.attempt, site: site.name };
  await requireOwnAgent(context, site, caller);
  const existing = await uploads.findByKey(key);
  if (existing !== null && existing.completedAt !== null) {
    if (isOf(existing, header)) return uploadState(context, existing);
    throw new FederationError(
      'UPLOAD_MISMATCH',
      `Another update of ${site.name} was accepted for attempt ${header.attempt} of round ${header.round}.`,
    );
  }

  await requireWanted(context, site, header);
  if (existing !== null) {
    if (isOf(existing, header)) return uploadState(context, existing);
    await dropReplaced(context, existing, header, caller);
  }
  failpoint('coordinator.upload.opening');
  await database.transaction(async (stores) => {
    await requireHeldKey(stores, site.name, site.signKey);
    await stores.uploads.open({ id: randomUUID(), ...key, header, signature, createdAt: now() });
  });
  failpoint('coordinator.upload.opened');
  const opened = await uploads.findByKey(key);
  // Its id is for nobody who brings another header.
  if (opened === null || !isOf(opened, header))
    throw new FederationError('UPLOAD_MISMATCH', `Another update of ${site.name} came first.`);
  return uploadState(context, opened);
}

function isOf(upload: UploadRow, header: UpdateHeader): boolean {
  return canonicalJson(upload.header) === canonicalJson(header);
}

/**
 * The round takes this update, and what its header says fits the plan.
 * @throws {FederationError} `NOT_FOUND`, `PLAN_NOT_APPROVED`, `UPLOAD_MISMATCH`, `ROUND_CLOSED`, `TOO_LARGE`
 */
async function requireWanted(
  { database, engine }: CoordinatorContext,
  site: SiteRow,
  header: UpdateHeader,
): Promise<void> {
  const { studies } = database.stores;
  const study = await studies.find(header.study);
  if (study === null) throw new FederationError('NOT_FOUND', `There is no study ${header.study}.`);
  requirePart(study, site.name);
  if (!engine.isApproved(study.name, site.name) || header.planHash !== study.planHash) {
    throw new FederationError('PLAN_NOT_APPROVED', `Site ${site.name} did not approve this plan.`);
  }
  const { update: encoding } = transferOf(study.plan);
  if (header.encoding !== encoding) {
    throw new FederationError(
      'UPLOAD_MISMATCH',
      `The plan of ${study.name} asks for updates in ${encoding}, not ${header.encoding}.`,
    );
  }
  if (!engine.takes(study.name, site.name, header)) {
    throw new FederationError(
      'ROUND_CLOSED',
      `Study ${study.name} does not collect attempt ${header.attempt} of round ${header.round}.`,
    );
  }
  const most = mostUpdateBytes(study.plan, requireModel(study));
  if (header.bytes > most) {
    throw new FederationError(
      'TOO_LARGE',
      `The update of ${site.name} has ${header.bytes} bytes; one of ${study.name} has at most ${most}.`,
    );
  }
  const base = await studies.findRelease(study.name, header.round - 1);
  if (base?.header.digest !== header.base) {
    throw new FederationError('UPLOAD_MISMATCH', `Round ${header.round} starts from another release.`);
  }
}

/** @throws {FederationError} `SITE_ALREADY_CONNECTED` */
async function requireOwnAgent(
  { agents, doubleUse }: CoordinatorContext,
  { name }: SiteRow,
  { session, address }: Caller,
): Promise<void> {
  try {
    await agents.requireOwn(name, session);
  } catch (error) {
    await doubleUse.ofKey(name, address, 'upload');
    throw error;
  }
}

async function dropReplaced(
  { database, blobs, incoming, doubleUse }: CoordinatorContext,
  half: UploadRow,
  by: UpdateHeader,
  caller: Caller,
): Promise<void> {
  incoming.forget(half.id);
  if (!(await database.stores.uploads.discard(half.id))) return;
  await blobs.removeFolder(uploadFolder(half.id));
  await doubleUse.ofUpload(half, by.digest, caller);
}

/** @throws {FederationError} `NOT_FOUND` also for the upload of another site, which is none of its business */
export async function requireUpload(
  { database }: CoordinatorContext,
  site: SiteRow,
  id: string,
): Promise<UploadRow> {
  const upload = await database.stores.uploads.find(id);
  if (upload?.site !== site.name) throw new FederationError('NOT_FOUND', `There is no upload ${id}.`);
  return upload;
}
