import type { z } from 'zod';
import { FederationError } from '../errors.js';
import { firstIssue } from './parse-issue.js';

/**
 * Turns what came over the wire into a message, or refuses it.
 * @param name the message as PROTOCOL.md calls it
 * @throws {FederationError} `MESSAGE_INVALID` naming the message and its first wrong field
 */
export function parseMessage<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  name: string,
): z.infer<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new FederationError('MESSAGE_INVALID', `Message ${name} is invalid: ${firstIssue(parsed.error)}.`);
}
