import type { Dice } from '../dice.js';

/** Values that have broken parsers before: borders of number types, names of the prototype, text that is not what it looks like. */
const HOSTILE: readonly unknown[] = [
  ...[
    null,
    true,
    false,
    0,
    -0,
    -1,
    1.5,
    1e21,
    1e308,
    -1e308,
    Number.MAX_SAFE_INTEGER + 2,
    2 ** 31,
    2 ** 32,
    5e-324,
  ],
  ...[
    '',
    ' ',
    '0',
    'null',
    '__proto__',
    'constructor',
    '../../etc/passwd',
    '\u0000',
    '\ud800',
    'ａ',
    'É',
    '\u202e',
    '%00',
  ],
  ...["' OR 1=1 --", '{{7*7}}', '<script>', 'a'.repeat(70), 'A'.repeat(5000), 'AAAA', '='.repeat(44)],
  ...[[], {}, [[]], [null], { length: 1e9 }, { toString: 1 }, { $gt: '' }, { then: {} }],
];

const HOSTILE_KEYS = ['__proto__', 'constructor', 'prototype', 'toJSON', 'then', 'length', '', 'x'] as const;

/**
 * A message with one to three places of it damaged: dropped, doubled, replaced by something hostile or by another part of
 * the message, its text edited, its nesting deepened.
 */
export function mutateJson(message: unknown, dice: Dice): unknown {
  let mutated = structuredClone(message);
  for (let n = 1 + dice.below(3); n > 0; n--) mutated = mutateOnce(mutated, dice);
  return mutated;
}

function mutateOnce(value: unknown, dice: Dice): unknown {
  const goDeeper = dice.below(4) > 0;
  if (Array.isArray(value) && value.length > 0 && goDeeper) return mutateArray(value, dice);
  if (isRecord(value) && Object.keys(value).length > 0 && goDeeper) return mutateObject(value, dice);
  return replacement(value, dice);
}

function mutateArray(items: readonly unknown[], dice: Dice): unknown[] {
  const at = dice.below(items.length);
  switch (dice.below(6)) {
    case 0:
      return items.toSpliced(at, 1);
    case 1:
      return items.toSpliced(at, 0, items[at]);
    case 2:
      return Array.from({ length: 200 }, () => items[at]);
    default:
      return items.with(at, mutateOnce(items[at], dice));
  }
}

function mutateObject(object: Readonly<Record<string, unknown>>, dice: Dice): Record<string, unknown> {
  const key = dice.pick(Object.keys(object));
  const { [key]: value, ...others } = object;
  switch (dice.below(8)) {
    case 0:
      return others;
    case 1:
      return withOwn(object, dice.pick(HOSTILE_KEYS), dice.pick(HOSTILE));
    case 2:
      return withOwn(others, dice.pick(HOSTILE_KEYS), value);
    case 3:
      return withOwn(object, key, object[dice.pick(Object.keys(object))]);
    default:
      return withOwn(object, key, mutateOnce(value, dice));
  }
}

function replacement(value: unknown, dice: Dice): unknown {
  switch (dice.below(6)) {
    case 0:
      return typeof value === 'string' ? editText(value, dice) : dice.pick(HOSTILE);
    case 1:
      return typeof value === 'number'
        ? dice.pick([-value, value + 1, value / 2, value * 1e9, `${value}`])
        : dice.pick(HOSTILE);
    case 2:
      return nested(1 + dice.below(300), dice.below(2) === 0);
    case 3:
      return [value];
    default:
      return dice.pick(HOSTILE);
  }
}

/** One character dropped, doubled or changed. */
function editText(text: string, dice: Dice): string {
  const at = dice.below(Math.max(1, text.length));
  const middle = dice.pick([
    '',
    text.slice(at, at + 1).repeat(2),
    String.fromCharCode(dice.below(0x250)),
    '\n',
  ]);
  return text.slice(0, at) + middle + text.slice(at + 1);
}

function nested(depth: number, inArrays: boolean): unknown {
  let value: unknown = 1;
  for (; depth > 0; depth--) value = inArrays ? [value] : { x: value };
  return value;
}

/** `__proto__` too becomes a member of its own, as JSON.parse makes it. */
function withOwn(object: object, key: string, value: unknown): Record<string, unknown> {
  const copy = { ...object } as Record<string, unknown>;
  Object.defineProperty(copy, key, { value, enumerable: true, configurable: true, writable: true });
  return copy;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
