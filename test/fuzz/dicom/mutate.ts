import type { Dice } from '../dice.js';

/** One way to damage a film. Gets a copy that it may change. */
type Mutation = (bytes: Buffer, dice: Dice) => Buffer;

const HEADER_BYTES = 4000;

const flipBits: Mutation = (bytes, dice) => {
  const [from, length] = dice.below(2) === 0 ? [0, HEADER_BYTES] : [0, bytes.length];
  for (let n = 1 + dice.below(40); n > 0; n--) {
    const at = from + dice.below(Math.min(length, bytes.length));
    bytes[at] = (bytes[at] as number) ^ (1 << dice.below(8));
  }
  return bytes;
};

const truncate: Mutation = (bytes, dice) => bytes.subarray(0, dice.below(bytes.length));

const dropStretch: Mutation = (bytes, dice) => {
  const from = dice.below(bytes.length);
  return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + 1 + dice.below(300))]);
};

const repeatStretch: Mutation = (bytes, dice) => {
  const from = dice.below(bytes.length);
  const end = from + 1 + dice.below(2000);
  return Buffer.concat([bytes.subarray(0, end), bytes.subarray(from)]);
};

/** Two- and four-byte numbers of the header become extreme: lengths of elements, items and tables lie. */
const lieAboutLengths: Mutation = (bytes, dice) => {
  const extremes = [0, 1, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0xffff_fffe, 0xffff_ffff];
  for (let n = 1 + dice.below(6); n > 0; n--) {
    const at = 132 + dice.below(Math.min(HEADER_BYTES, bytes.length - 140));
    const value = dice.pick(extremes);
    if (value > 0xffff || dice.below(2) === 0) bytes.writeUInt32LE(value, at);
    else bytes.writeUInt16LE(value, at);
  }
  return bytes;
};

/** The elements of the Image Pixel module get values that do not fit the pixels. */
const lieAboutPixels: Mutation = (bytes, dice) => {
  for (let n = 1 + dice.below(3); n > 0; n--) {
    const element = dice.pick([0x02, 0x04, 0x08, 0x10, 0x11, 0x100, 0x101, 0x102, 0x103, 0x120, 0x1050]);
    const tag = Buffer.from([0x28, 0x00, element & 0xff, element >> 8]);
    const at = bytes.indexOf(tag, 132);
    if (at === -1 || at + 10 > bytes.length) continue;
    const value = dice.pick([
      0, 1, 2, 3, 7, 8, 12, 15, 16, 31, 32, 64, 255, 4096, 16_384, 32_767, 40_000, 65_535,
    ]);
    bytes.writeUInt16LE(value, at + 8);
  }
  return bytes;
};

/** Sizes inside the coded image grow: frame headers of JPEG and JPEG-LS, the size segment of JPEG 2000. */
const lieInsideTheCode: Mutation = (bytes, dice) => {
  const marker = dice.pick([0xffc0, 0xffc1, 0xffc3, 0xfff7, 0xff51, 0xff52, 0xffc4, 0xffdb, 0xffda]);
  const at = bytes.indexOf(Buffer.from([marker >> 8, marker & 0xff]), 200);
  if (at === -1) return lieAboutPixels(bytes, dice);
  for (let n = 1 + dice.below(4); n > 0; n--) {
    const place = at + 2 + dice.below(40);
    if (place < bytes.length) bytes[place] = dice.pick([0, 1, 2, 0x7f, 0x80, 0xff, dice.below(256)]);
  }
  return bytes;
};

const otherSyntax: Mutation = (bytes, dice) => {
  const at = bytes.indexOf('1.2.840.10008.1.2', 132);
  const uid = dice.pick(['1.2.840.10008.1.2\0', '1.2.840.10008.1.2.5\0', '1.2.840.10008.1.2.4.70']);
  if (at !== -1) bytes.write(uid, at, 'latin1');
  return bytes;
};

const noise: Mutation = (bytes, dice) => {
  const from = dice.below(bytes.length);
  const end = Math.min(bytes.length, from + dice.below(5000));
  for (let at = from; at < end; at++) bytes[at] = dice.below(256);
  return bytes;
};

export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  flipBits,
  truncate,
  dropStretch,
  repeatStretch,
  lieAboutLengths,
  lieAboutPixels,
  lieInsideTheCode,
  otherSyntax,
  noise,
};

/** One or two kinds of damage at once. @returns also their names, for the report */
export function mutate(original: Buffer, dice: Dice): { bytes: Buffer; kinds: string[] } {
  let bytes: Buffer = Buffer.from(original);
  const kinds: string[] = [];
  for (let n = 1 + dice.below(2); n > 0 && bytes.length > 200; n--) {
    const kind = dice.pick(Object.keys(MUTATIONS));
    bytes = (MUTATIONS[kind] as Mutation)(bytes, dice);
    kinds.push(kind);
  }
  return { bytes, kinds };
}
