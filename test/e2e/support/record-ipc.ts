import { appendFileSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Preloaded into a process (`node --import`): writes what it says to its parent and hears from it to FEDOXNET_TEST_IPC, and
 * keeps a copy of the update that a trainer made, as it was before it was sealed.
 */
const folder = process.env['FEDOXNET_TEST_IPC'];
if (folder !== undefined && process.send !== undefined) {
  const write = (message: unknown): void =>
    appendFileSync(join(folder, `ipc-${process.pid}.jsonl`), `${JSON.stringify(message)}\n`);
  let update: string | null = null;
  // Not a listener: the first one opens the channel, before the program listens.
  const emit = process.emit.bind(process) as (event: string, ...args: unknown[]) => boolean;
  process.emit = ((event: string, ...args: unknown[]): boolean => {
    if (event === 'message') {
      const message = args[0] as { kind?: string; update?: string };
      write(message);
      if (message.kind === 'train') update = message.update ?? null;
    }
    return emit(event, ...args);
  }) as typeof process.emit;
  const send = process.send.bind(process) as (...args: unknown[]) => boolean;
  process.send = (...args: unknown[]): boolean => {
    write(args[0]);
    if ((args[0] as { kind?: string }).kind === 'trained' && update !== null)
      copyFileSync(update, join(folder, 'update.safetensors'));
    return send(...args);
  };
}
