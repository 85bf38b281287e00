import { FederationError } from '@fedoxnet/shared/errors';
import { toBase64 } from '@fedoxnet/shared/sealing/base64';
import { chunkCount } from '@fedoxnet/shared/sealing/chunks';
import { generateDataKey, generateNoncePrefix, sealDataKey } from '@fedoxnet/shared/sealing/data-key';
import type { UpdateHeader } from '@fedoxnet/shared/sealing/header';
import { signHeader } from '@fedoxnet/shared/sealing/signed-header';
import type { UpdateMasses } from '@fedoxnet/shared/weights/roles';
import type { UpdateEncoding } from '@fedoxnet/shared/weights/update-encoding';
import type { Identity } from './identity.js';
import type { RoundEntry, UploadTicket } from './journal.js';
import { measureFile } from './measure-file.js';

/**
 * Makes and signs the header of an update under a fresh data key, sealed for the pinned coordinator alone.
 * @param file the update as it travels
 * @throws {FederationError} `WEIGHTS_INVALID` for a file that is empty or not there
 */
export async function makeTicket(
  identity: Identity,
  entry: RoundEntry,
  masses: UpdateMasses,
  file: string,
  encoding: UpdateEncoding = 'fp32',
): Promise<UploadTicket> {
  const measure = await measureFile(file);
  if (measure === null || measure.bytes === 0) {
    throw new FederationError('WEIGHTS_INVALID', `The trainer left no update in ${file}.`);
  }
  const { digest, bytes } = measure;
  const dataKey = generateDataKey();
  const header: UpdateHeader = {
    kind: 'update',
    version: 1,
    study: entry.study,
    planHash: entry.planHash,
    digest,
    bytes,
    chunks: chunkCount(bytes),
    noncePrefix: generateNoncePrefix(),
    site: identity.site,
    round: entry.round,
    attempt: entry.attempt,
    base: entry.digest,
    encoding,
    masses,
    ...sealDataKey(dataKey, identity.coordinator.boxKey),
  };
  return { header, signature: signHeader(header, identity.keys.sign.secretKey), dataKey: toBase64(dataKey) };
}
