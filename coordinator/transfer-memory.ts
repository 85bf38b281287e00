import { setFlagsFromString } from 'node:v8';
import { MessageChannel } from 'node:worker_threads';

/** The largest block from which glibc learns. Nothing of it is ever touched. */
const BLOCK_BYTES = 31 * 1024 * 1024;

/**
 * Node gives every piece that is read, sealed or opened memory of its own: a round moves gigabytes through buffers that live for
 * milliseconds. Two parties make work of that: opening 1.2 GB in a thread took 0.6 to 0.7 s of processor time, at times 1.1, and takes
 * 0.5 now that they are told.
 *
 * V8 counts the buffers as growth of a heap that is small, and collects everything many times a second. Here it waits until the
 * heap is three times what it was; in threads started later until heap and buffers have 64 MB.
 *
 * malloc hands freed memory at its end back to the system and asks for it again, page by page. glibc lets twice the largest block
 * lie that was ever mapped and freed (mallopt(3), M_TRIM_THRESHOLD), so it is given one to free.
 */
export function keepTransferMemory(): void {
  setFlagsFromString('--heap-growing-percent=200');
  setFlagsFromString('--initial-old-space-size=64');
  // A message that nobody will get is freed at once; a buffer of ours would be when something is collected.
  const { port1, port2 } = new MessageChannel();
  const block = new ArrayBuffer(BLOCK_BYTES);
  port1.postMessage(null, [block]);
  port2.close();
  port1.close();
}
