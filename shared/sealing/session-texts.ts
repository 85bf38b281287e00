import type { z } from 'zod';
import type { enrolRequest, PublicKeys } from '../protocol/http-messages.js';
import { canonicalJson } from '../study/canonical-json.js';

/** Labels and texts of the signatures that prove who someone is (signature.ts). PROTOCOL.md §2. */

/** Signed by a site that enrols; text: `enrolText`. */
export const ENROL_LABEL = 'fedoxnet enrol v1';
/** Signed by a site that opens a session; text: `sessionText`. */
export const SESSION_LABEL = 'fedoxnet session v1';
/** Signed by the coordinator in its answer, over the same text. */
export const COORDINATOR_SESSION_LABEL = 'coordinator fedoxnet session v1';
/** Signed by a site that replaces its keys, with the old key and with the new; text: `rotationText`. */
export const ROTATION_LABEL = 'fedoxnet rotate v1';
/** Signed by a site that approves a plan; text: `approvalText`. */
export const APPROVAL_LABEL = 'fedoxnet approve v1';

/** @param request the whole request; its own signature, when already there, is left out */
export function enrolText(request: Omit<z.infer<typeof enrolRequest>, 'signature'>): string {
  const { protocol, invitation, site, keys } = request;
  return canonicalJson({ protocol, invitation, site, keys });
}

/**
 * @param challenge base64 as the coordinator sent it
 * @param nonce base64 of the 32 fresh bytes that the site adds
 */
export function sessionText(site: string, challenge: string, nonce: string): string {
  return `${site}\n${challenge}\n${nonce}`;
}

/** @param from the signing key that was valid until now */
export function rotationText(site: string, from: string, keys: PublicKeys): string {
  return canonicalJson({ site, from, keys });
}

export function approvalText(study: string, planHash: string): string {
  return `${study}\n${planHash}`;
}
