import { readVector } from '../python-peer.js';

export interface GoodMessage {
  readonly why: string;
  readonly message: unknown;
}
export interface BadMessage extends GoodMessage {
  /** Where the first fault is; left out at the root. */
  readonly path?: string;
}
export interface MessageVectors {
  readonly good: readonly GoodMessage[];
  readonly bad: readonly BadMessage[];
}

const stored = {
  ...(readVector('messages.json') as Readonly<Record<string, MessageVectors>>),
  censusRequest: readVector('census.json') as MessageVectors,
};

/** Examples of a message, from the files that programs in other languages read too. */
export function messageVectors(name: string): MessageVectors {
  const found = (stored as Readonly<Record<string, MessageVectors>>)[name];
  if (found === undefined) throw new Error(`test/vectors/messages.json has no ${name}`);
  return found;
}

export const namesOfVectors: readonly string[] = Object.keys(stored);
