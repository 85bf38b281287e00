import type { Dice } from '../dice.js';

/** Pieces of JSON and of numbers at which parsers of files have failed. */
const HOSTILE_TEXT = [
  ...['-1', '0', '1', '4294967296', '9007199254740992', '1e999', '1.5', 'null', '""', '[]', '{}', '[0,0]'],
  ...[
    '"__proto__"',
    '"__metadata__"',
    '"F16"',
    '"F64"',
    '"I8"',
    '"BF16"',
    '"data_offsets"',
    '\\u0000',
    '\ufeff',
  ],
  ...[',', ':', '{', '}', '[', ']', '"', ' '],
];
const EXTREMES = [
  0n,
  1n,
  2n,
  7n,
  8n,
  255n,
  65_535n,
  2n ** 22n,
  2n ** 31n,
  2n ** 32n,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n,
];

/** A copy with one to four places damaged: bits, stretches, the numbers in it, its length and what stands at its front. */
export function mutateBytes(original: Uint8Array, dice: Dice): Buffer {
  let bytes = Buffer.from(original);
  const times = dice.pick([1, 1, 1, 2, 3, 4]);
  for (let n = 0; n < times && bytes.length > 0; n++) bytes = mutateOnce(bytes, dice);
  return dice.below(2) === 0 ? atTrueLength(bytes) : bytes;
}

function mutateOnce(bytes: Buffer<ArrayBuffer>, dice: Dice): Buffer<ArrayBuffer> {
  const at = dice.below(bytes.length);
  const end = Math.min(bytes.length, at + 1 + dice.below(16));
  switch (dice.below(9)) {
    case 0:
      bytes[at] = (bytes[at] as number) ^ (1 << dice.below(8));
      return bytes;
    case 1:
      bytes[at] = dice.below(256);
      return bytes;
    case 2:
      return bytes.subarray(0, at);
    case 3:
      return splice(bytes, at, end, '');
    case 4:
      return splice(bytes, at, at, bytes.subarray(at, end));
    case 5:
      return splice(bytes, at, dice.below(2) === 0 ? at : end, dice.pick(HOSTILE_TEXT));
    case 6:
      return withNumber(bytes, at, dice);
    case 7:
      if (bytes.length >= 8) bytes.writeBigUInt64LE(dice.pick(EXTREMES));
      return bytes;
    default:
      return atTrueLength(bytes);
  }
}

/** The next number written in digits becomes another. */
function withNumber(bytes: Buffer<ArrayBuffer>, from: number, dice: Dice): Buffer<ArrayBuffer> {
  const found = /\d+/.exec(bytes.toString('latin1', from));
  if (found === null) return bytes;
  const [at, number] = [from + found.index, Number(found[0])];
  const other = dice.pick([
    number + 1,
    number - 1,
    number * 2,
    number + 4,
    -number,
    number / 2,
    number * 2 ** 40,
  ]);
  return splice(bytes, at, at + found[0].length, String(other));
}

/** The length at the front of a safetensors file is set to where its JSON and padding end, so that other damage is not hidden behind it. */
function atTrueLength(bytes: Buffer<ArrayBuffer>): Buffer<ArrayBuffer> {
  let end = bytes.lastIndexOf('}') + 1;
  while (bytes[end] === 0x20) end += 1;
  if (end >= 8) bytes.writeBigUInt64LE(BigInt(end - 8));
  return bytes;
}

function splice(bytes: Buffer, at: number, end: number, middle: string | Uint8Array): Buffer<ArrayBuffer> {
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(middle), bytes.subarray(end)]);
}
