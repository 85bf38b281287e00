import { deflateRawSync } from 'node:zlib';

/** Every stretch of 32 bytes holds a whole one of these blocks, wherever it begins. */
const BLOCK = 16;
const BASE64_BLOCK = Math.floor((BLOCK / 3) * 4);

/** What must not be on the wire, and the name under which a finding is reported. */
export interface Secret {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * Looks for any 32-byte stretch of a secret in a recording: as it is, as base64 (in each of its three alignments), as
 * hexadecimal, and deflated.
 * @returns `NAME as VIEW` for each that was found
 */
export function findLeaks(recording: Uint8Array, secrets: readonly Secret[]): string[] {
  const owners = new Map<string, string>();
  for (const { name, bytes } of secrets) {
    for (const [view, content, block] of viewsOf(Buffer.from(bytes))) {
      for (let at = 0; at + block <= content.length; at += block) {
        owners.set(content.slice(at, at + block), `${name} as ${view}`);
      }
    }
  }
  const wire = Buffer.from(recording).toString('latin1');
  const sizes = [...new Set([...owners.keys()].map((block) => block.length))];
  const found = new Set<string>();
  for (let at = 0; at < wire.length; at++) {
    for (const size of sizes) {
      const owner = owners.get(wire.slice(at, at + size));
      if (owner !== undefined) found.add(owner);
    }
  }
  return [...found].sort();
}

type View = readonly [name: string, latin1: string, block: number];

function viewsOf(bytes: Buffer): View[] {
  const base64 = [0, 1, 2].map((shift): View => [
    'base64',
    bytes.subarray(shift).toString('base64').replace(/=+$/, ''),
    BASE64_BLOCK,
  ]);
  return [
    ['bytes', bytes.toString('latin1'), BLOCK],
    ...base64,
    ['hexadecimal', bytes.toString('hex'), 2 * BLOCK],
    ['deflated', deflateRawSync(bytes).toString('latin1'), BLOCK],
  ];
}
