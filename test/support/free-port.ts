import { createServer, type AddressInfo } from 'node:net';

/** A port of the loopback that nobody listens at now: for programs that cannot choose one themselves. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  return new Promise((resolve) => {
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
