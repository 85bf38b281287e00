import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { FrameCutter, isSocketMessage } from './web-socket-frames.js';

/** What the line between sites and coordinator does to them. */
export interface LineFault {
  /** Breaks the connection after so many bytes of a body, the first `times` times. */
  readonly cut?: { readonly what: 'update' | 'release'; readonly bytes: number; readonly times: number };
  /** Every change a site asks for arrives twice at once, and once more when its round is over. */
  readonly repeatRequests?: boolean;
  /** Socket messages and their acknowledgements come twice, or each in the place of the one before it. */
  readonly messages?: 'twice' | 'swapped';
}

/** One request for a chunk of an update, as it passed. */
export interface ChunkPassage {
  readonly path: string;
  /** Bytes of the body that went on to the coordinator. */
  readonly bytes: number;
  readonly acknowledged: boolean;
  /** What `FrontDoor.during` was then. */
  readonly during: number;
}

const CHUNK_OF_UPDATE = /^\/v1\/uploads\/[^/]+\/chunks\/\d+$/;
const CHUNK_OF_RELEASE = /^\/v1\/studies\/[^/]+\/releases\/\d+\/chunks\/\d+$/;
const REPEATED = /^\/v1\/(uploads|studies\/[^/]+\/(rounds\/\d+\/evaluation|approvals))/;
/** Long enough that the round it belongs to is over. */
const LATE_MS = 1500;
/** A message that waits for another to pass it goes on alone after this time. */
const SWAP_MS = 150;

/** Stands between the sites and the coordinator: keeps count of what is sent, and breaks the line as a test asks. */
export class FrontDoor {
  readonly chunks: ChunkPassage[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #late = new Set<NodeJS.Timeout>();
  #cuts = 0;
  #fault: LineFault = {};
  /** Stamped on every passage, so that a test knows what else happened then. */
  during = 0;

  private constructor(private readonly target: () => number | null) {
    this.#server = createServer((incoming, outgoing) => this.#pass(incoming, outgoing));
    this.#server.on('upgrade', (incoming: IncomingMessage, socket: Socket, head: Buffer) =>
      this.#upgrade(incoming, socket, head),
    );
    this.#server.on('connection', (socket: Socket) => this.#keep(socket));
  }

  /** @param target the coordinator's port now; null while it is down */
  static async open(target: () => number | null): Promise<FrontDoor> {
    const door = new FrontDoor(target);
    await new Promise<void>((resolve) => door.#server.listen(0, '127.0.0.1', resolve));
    return door;
  }

  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** How often the line was broken on purpose since `disturb`. */
  get cuts(): number {
    return this.#cuts;
  }

  /** From now on the line does this, and nothing else. */
  disturb(fault: LineFault): void {
    this.#fault = fault;
    this.#cuts = 0;
  }

  async close(): Promise<void> {
    for (const timer of this.#late) clearTimeout(timer);
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => this.#sockets.delete(socket));
  }

  #cutsNow(what: 'update' | 'release', bytes: number): boolean {
    const { cut } = this.#fault;
    if (cut?.what !== what || bytes < cut.bytes || this.#cuts >= cut.times) return false;
    this.#cuts += 1;
    return true;
  }

  #pass(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const port = this.target();
    const path = incoming.url ?? '/';
    if (port === null) return void incoming.socket.destroy();
    const { method, headers } = incoming;
    const upstream = request({ host: '127.0.0.1', port, path, method, headers, agent: false });
    const isChunk = method === 'PUT' && CHUNK_OF_UPDATE.test(path);
    const body: Buffer[] = [];
    const { during } = this;
    let bytes = 0;
    let acknowledged = false;
    const fail = (): void => {
      upstream.destroy();
      incoming.socket.destroy();
    };
    outgoing.once('close', () => {
      if (isChunk) this.chunks.push({ path, bytes, acknowledged, during });
    });
    incoming.on('data', (piece: Buffer) => {
      if (isChunk && this.#cutsNow('update', bytes + piece.length)) return fail();
      bytes += piece.length;
      body.push(piece);
      upstream.write(piece);
    });
    incoming.once('end', () => upstream.end());
    incoming.on('error', () => upstream.destroy());
    upstream.on('error', fail);
    upstream.once('response', (reply) => {
      acknowledged = (reply.statusCode ?? 500) < 300;
      outgoing.writeHead(reply.statusCode ?? 502, reply.headers);
      let came = 0;
      reply.on('data', (piece: Buffer) => {
        came += piece.length;
        if (CHUNK_OF_RELEASE.test(path) && this.#cutsNow('release', came)) return fail();
        outgoing.write(piece);
      });
      reply.once('end', () => outgoing.end());
      reply.on('error', fail);
    });
    if (this.#fault.repeatRequests === true && method !== 'GET' && REPEATED.test(path)) {
      incoming.once('end', () => {
        const again = (): void => repeat(this.target(), incoming, Buffer.concat(body));
        again();
        this.#late.add(setTimeout(again, LATE_MS));
      });
    }
  }

  #upgrade(incoming: IncomingMessage, site: Socket, head: Buffer): void {
    const port = this.target();
    if (port === null) return void site.destroy();
    const coordinator = connect(port, '127.0.0.1');
    this.#keep(coordinator);
    const names = incoming.rawHeaders;
    const lines = names.flatMap((name, i) => (i % 2 === 0 ? [`${name}: ${names[i + 1]}`] : []));
    coordinator.write(`GET ${incoming.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
    coordinator.write(head);
    site.once('close', () => coordinator.destroy());
    coordinator.once('close', () => site.destroy());
    const how = (): LineFault['messages'] => this.#fault.messages;
    passFrames(site, coordinator, how, false);
    passFrames(coordinator, site, how, true);
  }
}

/** Passes WebSocket frames on, messages twice or in swapped order if asked. @param answers begins with the HTTP answer */
function passFrames(from: Socket, to: Socket, how: () => LineFault['messages'], answers: boolean): void {
  const cutter = new FrameCutter();
  let head: Buffer | null = answers ? Buffer.alloc(0) : null;
  let held: Buffer | null = null;
  const release = (): void => {
    if (held !== null && to.writable) to.write(held);
    held = null;
  };
  const onFrame = (frame: Buffer): void => {
    const wanted = isSocketMessage(frame) ? how() : undefined;
    if (wanted === 'twice') {
      to.write(Buffer.concat([frame, frame]));
    } else if (wanted === 'swapped' && held === null) {
      held = Buffer.from(frame);
      setTimeout(release, SWAP_MS);
    } else {
      to.write(frame);
      release();
    }
  };
  from.on('data', (piece: Buffer) => {
    let bytes = piece;
    if (head !== null) {
      head = Buffer.concat([head, piece]);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      to.write(head.subarray(0, end + 4));
      bytes = head.subarray(end + 4);
      head = null;
    }
    for (const frame of cutter.push(bytes)) onFrame(frame);
  });
}

function repeat(port: number | null, { method, url, headers }: IncomingMessage, body: Buffer): void {
  if (port === null) return;
  const again = request({ host: '127.0.0.1', port, path: url ?? '/', method, headers, agent: false });
  again.on('error', () => undefined);
  again.on('response', (reply) => reply.resume());
  again.end(body);
}
