import { createHash, randomUUID } from 'node:crypto';

/** A new UID: a random UUID under 2.25 (PS3.5, B.2), at most 44 characters. */
export function newUid(): string {
  return underUuidRoot(Buffer.from(randomUUID().replaceAll('-', ''), 'hex'));
}

/**
 * The UID of a thing that is known by its parts: the same parts, the same UID. A UUID of version 8 (RFC 9562, 5.8) from SHA-256.
 */
export function namedUid(...parts: readonly string[]): string {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest().subarray(0, 16);
  digest.writeUInt8((digest.readUInt8(6) & 0x0f) | 0x80, 6);
  digest.writeUInt8((digest.readUInt8(8) & 0x3f) | 0x80, 8);
  return underUuidRoot(digest);
}

function underUuidRoot(uuid: Buffer): string {
  return `2.25.${BigInt(`0x${uuid.toString('hex')}`)}`;
}
