import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A proxy on the line between sites and their coordinator: it records every byte and can cut a connection. */
export class WireTap {
  readonly address: string;
  private readonly recorded: Buffer[] = [];
  private readonly sockets = new Set<Socket>();
  /** Called with what a site sends on which connection, before it goes on; true cuts the connection instead. */
  cut: (bytes: Buffer, connection: Socket) => boolean = () => false;

  private constructor(
    private readonly server: ReturnType<typeof createServer>,
    private readonly target: number,
  ) {
    this.address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('connection', (site) => this.join(site));
  }

  static async before(address: string): Promise<WireTap> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new WireTap(server, Number(new URL(address).port));
  }

  /** Everything that crossed so far, both ways; each connection's bytes lie in order, piece after piece. */
  recording(): Buffer {
    return Buffer.concat(this.recorded);
  }

  /** Request lines of a method, for example `PUT`, in the order in which they came. */
  requests(method: string): string[] {
    const text = this.recording().toString('latin1');
    return [...text.matchAll(new RegExp(`${method} (/[^ ]*) HTTP/1.1`, 'g'))].map((match) => match[1] ?? '');
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private join(site: Socket): void {
    const coordinator = connect(this.target, '127.0.0.1');
    const end = () => {
      site.destroy();
      coordinator.destroy();
    };
    for (const socket of [site, coordinator]) {
      this.sockets.add(socket);
      socket.on('error', end);
      socket.on('close', end);
    }
    site.on('data', (bytes) => {
      this.recorded.push(bytes);
      if (this.cut(bytes, site)) end();
      else coordinator.write(bytes);
    });
    coordinator.on('data', (bytes) => {
      this.recorded.push(bytes);
      site.write(bytes);
    });
  }
}
