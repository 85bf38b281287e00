import { z } from 'zod';
import { evaluationReport } from '../evaluation/match-histogram.js';
import { base64Bytes, numberFrom, sha256Hex, shortName } from '../ids.js';
import { releaseHeader, sealedKeyFor, updateHeader } from '../sealing/header.js';
import { studyPlan } from '../study/plan.js';
import { STUDY_STATES } from './status.js';

/** Bodies of the HTTP interface. Paths, order and failures: PROTOCOL.md §2 and §3. */
export const publicKeys = z.strictObject({ signKey: base64Bytes(32), boxKey: base64Bytes(32) });
export type PublicKeys = z.infer<typeof publicKeys>;

/** A link of the chain of a coordinator's keys; both signatures cover the same text (key-succession.ts). */
export const keySuccession = z.strictObject({
  /** The signing key that was valid until then. */
  from: base64Bytes(32),
  keys: publicKeys,
  oldSignature: base64Bytes(64),
  newSignature: base64Bytes(64),
});
export type KeySuccession = z.infer<typeof keySuccession>;
/** Keys are replaced every few years, not every day. */
const MAX_SUCCESSIONS = 100;
/** Every link since the coordinator's first keys, oldest first. */
export const successions = z.array(keySuccession).max(MAX_SUCCESSIONS).default([]);

/** GET /v1/hello */
export const hello = z.object({
  protocol: z.number().int(),
  coordinator: publicKeys,
  succession: successions,
});

/** POST /v1/sites/enrol. `signature` covers `fedoxnet enrol v1\n` and the canonical JSON of the other fields. */
export const enrolRequest = z.strictObject({
  protocol: z.number().int(),
  invitation: z.string().min(16).max(200),
  site: shortName,
  keys: publicKeys,
  signature: base64Bytes(64),
});
export const enrolReply = z.object({ site: shortName, coordinator: publicKeys });

/** POST /v1/sites/challenge */
export const challengeRequest = z.strictObject({ protocol: z.number().int(), site: shortName });
export const challengeReply = z.object({ challenge: base64Bytes(32) });

/** POST /v1/sites/session: both sides sign site, challenge and nonce (session-texts.ts), each under its own label. */
export const sessionRequest = z.strictObject({
  site: shortName,
  challenge: base64Bytes(32),
  /** Fresh from the site, so that the coordinator's proof is fresh too. */
  nonce: base64Bytes(32),
  signature: base64Bytes(64),
});
export const sessionReply = z.object({
  token: z.string().min(32),
  expiresAt: z.string(),
  signature: base64Bytes(64),
});

/** POST /v1/sites/rotate: both sign the same text (session-texts.ts), so neither key alone replaces the other. */
export const rotationRequest = z.strictObject({
  keys: publicKeys,
  oldSignature: base64Bytes(64),
  newSignature: base64Bytes(64),
});

/** GET /v1/sites/studies: the studies that name the asking site: it finds a plan by its hash, and sees what ended while it was away. */
export const siteStudies = z.object({
  studies: z.array(
    z.object({ study: shortName, hash: sha256Hex, state: z.enum(STUDY_STATES), approved: z.boolean() }),
  ),
});
export type SiteStudies = z.infer<typeof siteStudies>;

/** GET /v1/studies/:study/plan */
export const planReply = z.object({ plan: studyPlan, hash: sha256Hex });
/** POST /v1/studies/:study/approvals; signature over `fedoxnet approve v1\n<study>\n<hash>`. */
export const approvalRequest = z.strictObject({ hash: sha256Hex, signature: base64Bytes(64) });

/** POST /v1/uploads: idempotent by site, study, round and attempt. */
export const uploadRequest = z.strictObject({ header: updateHeader, signature: base64Bytes(64) });
/** Also GET /v1/uploads/:id. `received` holds chunk indexes already stored. Chunks: PUT /v1/uploads/:id/chunks/:index. */
export const uploadState = z.object({
  id: z.string().min(1).max(64),
  chunks: z.number().int().min(1),
  received: z.array(z.number().int().min(0)),
  complete: z.boolean(),
});
export type UploadState = z.infer<typeof uploadState>;
/** POST /v1/uploads/:id/complete */
export const uploadReceipt = z.object({ id: z.string(), digest: sha256Hex, accepted: z.literal(true) });

/** GET /v1/studies/:study/releases/:release; chunks: GET …/chunks/:index. */
export const releaseGrant = z.object({
  header: releaseHeader,
  signature: base64Bytes(64),
  key: sealedKeyFor,
});
export type ReleaseGrant = z.infer<typeof releaseGrant>;

/** POST /v1/studies/:study/rounds/:round/evaluation */
export const evaluationRequest = z.strictObject({
  release: numberFrom(0),
  digest: sha256Hex,
  report: evaluationReport,
});

/** Every refusal, over HTTP as a body and over the socket as an acknowledgement. */
export const refusal = z.object({
  error: z.object({ code: z.string(), message: z.string(), help: z.string() }),
});
export type Refusal = z.infer<typeof refusal>;
