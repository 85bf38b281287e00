import type { z } from 'zod';
import { MESSAGE_SCHEMAS } from '../../shared/protocol/message-schemas.js';
import { messageVectors } from '../../shared/protocol/message-vectors.js';

/** Every message of the protocol with its parser, and examples that it takes. */
export const MESSAGES: readonly {
  readonly name: string;
  readonly schema: z.ZodType;
  readonly example: unknown;
}[] = Object.entries(MESSAGE_SCHEMAS).flatMap(([name, schema]) =>
  messageVectors(name).good.map(({ message }) => ({ name, schema, example: message })),
);
