/** Cuts a byte stream into WebSocket frames (RFC 6455 §5.2), and looks into text frames far enough to know what they are. */
export class FrameCutter {
  #rest: Buffer = Buffer.alloc(0);

  /** @returns the frames that are complete now, each with its header, byte for byte as they came */
  push(bytes: Buffer): Buffer[] {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    const frames: Buffer[] = [];
    for (let length = frameLength(this.#rest); length !== null && this.#rest.length >= length;) {
      frames.push(this.#rest.subarray(0, length));
      this.#rest = this.#rest.subarray(length);
      length = frameLength(this.#rest);
    }
    return frames;
  }
}

interface FrameHeader {
  readonly opcode: number;
  readonly masked: boolean;
  /** Of the header, the mask included. */
  readonly header: number;
  readonly payload: number;
}

function readHeader(bytes: Buffer): FrameHeader | null {
  if (bytes.length < 2) return null;
  const opcode = bytes[0]! & 0x0f;
  const masked = (bytes[1]! & 0x80) !== 0;
  const short = bytes[1]! & 0x7f;
  const extended = short === 126 ? 2 : short === 127 ? 8 : 0;
  if (bytes.length < 2 + extended) return null;
  const payload =
    extended === 0 ? short : extended === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  return { opcode, masked, header: 2 + extended + (masked ? 4 : 0), payload };
}

function frameLength(bytes: Buffer): number | null {
  const found = readHeader(bytes);
  return found === null ? null : found.header + found.payload;
}

/** True for a message or an acknowledgement of Socket.IO: engine.io packet 4, Socket.IO packets 2 and 3. */
export function isSocketMessage(frame: Buffer): boolean {
  const found = readHeader(frame);
  if (found === null || found.opcode !== 1 || found.payload < 2) return false;
  const { header, masked } = found;
  const start = [0, 1].map((i) => frame[header + i]! ^ (masked ? frame[header - 4 + i]! : 0));
  const text = String.fromCharCode(...start);
  return text === '42' || text === '43';
}
