import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { fork } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { CHUNK_BYTES } from '@fedoxnet/shared/protocol/limits';

/** Megabytes per second that this machine moves and computes, on one core where nothing else is said. */
export interface MachineSpeed {
  /** Over a loopback connection between two processes. */
  readonly loopback: number;
  /** AES-256-GCM. */
  readonly cipher: number;
  /** SHA-256. */
  readonly digest: number;
}

const SAMPLE_BYTES = 64 * CHUNK_BYTES;
const MB = 1e6;

export async function measureSpeed(): Promise<MachineSpeed> {
  const chunk = randomBytes(CHUNK_BYTES);
  const cipher = createCipheriv('aes-256-gcm', randomBytes(32), randomBytes(12));
  return {
    loopback: await loopbackSpeed(),
    cipher: speedOf(() => cipher.update(chunk)),
    digest: speedOf(() => createHash('sha256').update(chunk).digest()),
  };
}

/**
 * Seconds below which a round cannot go on this machine with `cores`: every update and every release crosses the
 * loopback once, is sealed and opened (a release is sealed once) and hashed on both sides.
 * @param bytes of one model as it travels
 */
export function roundFloor(speed: MachineSpeed, sites: number, bytes: number, cores: number): number {
  const mb = bytes / MB;
  const moved = (2 * sites * mb) / speed.loopback;
  const ciphered = ((3 * sites + 1) * mb) / speed.cipher;
  const hashed = ((3 * sites + 1) * mb) / speed.digest;
  // A transfer keeps a core at either end busy; cipher and hash spread over all cores.
  return Math.max(moved, (2 * moved + ciphered + hashed) / cores);
}

function speedOf(work: () => void): number {
  work();
  const started = performance.now();
  for (let bytes = 0; bytes < SAMPLE_BYTES; bytes += CHUNK_BYTES) work();
  return SAMPLE_BYTES / MB / ((performance.now() - started) / 1000);
}

async function loopbackSpeed(): Promise<number> {
  const sender = fork(fileURLToPath(new URL('loopback-sender.js', import.meta.url)), []);
  const server = createServer();
  try {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const seconds = new Promise<number>((resolve) => {
      server.once('connection', (socket) => {
        const started = performance.now();
        socket.resume();
        socket.once('end', () => resolve((performance.now() - started) / 1000));
      });
    });
    sender.send({ port: (server.address() as AddressInfo).port, bytes: SAMPLE_BYTES });
    return SAMPLE_BYTES / MB / (await seconds);
  } finally {
    server.close();
    sender.kill();
  }
}
