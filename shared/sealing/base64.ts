import { FederationError } from '../errors.js';

/** Standard base64 with padding: the form of keys, signatures and nonces in messages. */
export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

/**
 * @param name what the text stands for, for the error
 * @throws {FederationError} `MESSAGE_INVALID` when it is not exactly `length` bytes in canonical base64
 */
export function fromBase64(text: string, length: number, name: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== length || bytes.toString('base64') !== text) {
    throw new FederationError('MESSAGE_INVALID', `The ${name} is not ${length} bytes in base64.`);
  }
  return new Uint8Array(bytes);
}
