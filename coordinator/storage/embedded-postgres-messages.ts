import { z } from 'zod';

/** What the process of the embedded database is told, once, by IPC. */
export const databaseCommand = z.discriminatedUnion('kind', [
  /** Makes the files of an empty database in a folder that does not exist. */
  z.object({ kind: z.literal('initialise'), folder: z.string() }),
  /** Takes connections at the path of a Unix socket until IPC ends. */
  z.object({ kind: z.literal('serve'), folder: z.string(), socket: z.string() }),
]);
export type DatabaseCommand = z.infer<typeof databaseCommand>;

/** Its one answer: ready, or why not. */
export const databaseReply = z.object({ failure: z.string().nullable() });
export type DatabaseReply = z.infer<typeof databaseReply>;
