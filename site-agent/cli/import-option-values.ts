import { InvalidArgumentError } from 'commander';
import type { ReaderMerge } from '../data/importers/merge-readers.js';

/** Boxes of different readers that overlap by this much, intersection over union, are of one lesion. */
const OVERLAP = 0.5;

/** `readers:R8,R9`, `fuse`, `fuse:0.4`, `consensus:2` or `consensus:2:0.4`. */
export function readerMerge(text: string): ReaderMerge {
  const [by = '', first = '', second] = text.split(':');
  const names = first.split(',').map((name) => name.trim());
  if (by === 'readers' && second === undefined && !names.includes('')) return { by, names };
  if (by === 'fuse' && second === undefined) return { by, overlap: overlapOf(first) };
  if (by === 'consensus' && /^[1-9]\d?$/.test(first))
    return { by, readers: Number(first), overlap: overlapOf(second ?? '') };
  throw new InvalidArgumentError('Give readers:NAME,NAME or fuse[:OVERLAP] or consensus:READERS[:OVERLAP].');
}

function overlapOf(text: string): number {
  const value = text === '' ? OVERLAP : Number(text);
  if (!(value > 0 && value <= 1)) throw new InvalidArgumentError('Give an overlap above 0 and up to 1.');
  return value;
}

/** `1024` or `2500x2048`, pixels. */
export function pixelGrid(text: string): { width: number; height: number } {
  const match = /^([1-9]\d{0,4})(?:x([1-9]\d{0,4}))?$/.exec(text);
  if (match === null) throw new InvalidArgumentError('Give a side, or WIDTHxHEIGHT, in pixels.');
  const width = Number(match[1]);
  return { width, height: match[2] === undefined ? width : Number(match[2]) };
}
