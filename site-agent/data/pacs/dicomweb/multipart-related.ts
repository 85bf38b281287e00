/** One part of a multipart body; header names in small letters. */
export interface Part {
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** What is no multipart body, or larger than allowed. */
export class MultipartInvalid extends Error {
  override readonly name = 'MultipartInvalid';
}

const MAX_HEADER_BYTES = 16 * 1024;
const LINE_END = Buffer.from('\r\n');
const HEADER_END = Buffer.from('\r\n\r\n');

/** The `boundary` of a `multipart/related` content type (RFC 2046, 5.1.1); null for another type. */
export function boundaryOf(contentType: string): string | null {
  if (!/^multipart\/related\b/i.test(contentType)) return null;
  const match = /;\s*boundary\s*=\s*(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType);
  return match?.[1] ?? match?.[2] ?? null;
}

/**
 * Reads a multipart body as it arrives (RFC 2046, 5.1): each part is handed out as soon as the boundary after it came, and
 * no more than one part is held. What stands before the first boundary and after the last is passed over.
 * @param maxBytes of one part
 * @throws {MultipartInvalid}
 */
export async function* readParts(
  pieces: AsyncIterable<Uint8Array>,
  boundary: string,
  maxBytes: number,
): AsyncGenerator<Part> {
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  const scan = new Scanner(pieces, LINE_END); // the first boundary may stand at the very beginning
  await scan.until(delimiter, maxBytes);
  for (;;) {
    if ((await scan.peek(2)).toString('latin1') === '--') return scan.drain();
    const head = await scan.until(HEADER_END, MAX_HEADER_BYTES);
    yield { headers: parseHeaders(head), body: await scan.until(delimiter, maxBytes) };
  }
}

function parseHeaders(head: Buffer): Map<string, string> {
  const lines = head.toString('latin1').split('\r\n').slice(1);
  return new Map(
    lines.flatMap((line) => {
      const colon = line.indexOf(':');
      return colon < 0
        ? []
        : [[line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()] as const];
    }),
  );
}

/** Searches a stream; each byte is looked at once, however the stream is cut. */
class Scanner {
  private readonly source: AsyncIterator<Uint8Array>;

  /** @param buffer what stands before the first piece */
  constructor(
    pieces: AsyncIterable<Uint8Array>,
    private buffer: Buffer,
  ) {
    this.source = pieces[Symbol.asyncIterator]();
  }

  /** The next bytes, which stay where they are. */
  async peek(count: number): Promise<Buffer> {
    while (this.buffer.length < count) this.buffer = Buffer.concat([this.buffer, await this.more()]);
    return this.buffer.subarray(0, count);
  }

  /** Reads the rest, so that the connection can be used again. */
  async drain(): Promise<void> {
    let length = 0;
    for (let next = await this.source.next(); next.done !== true; next = await this.source.next()) {
      length += next.value.byteLength;
      if (length > MAX_HEADER_BYTES) throw new MultipartInvalid('much follows the last boundary');
    }
  }

  /** Everything before `mark`, which is passed over. */
  async until(mark: Buffer, maxBytes: number): Promise<Buffer> {
    const done: Buffer[] = [];
    let length = 0;
    for (;;) {
      const at = this.buffer.indexOf(mark);
      if (at >= 0) {
        done.push(this.buffer.subarray(0, at));
        this.buffer = this.buffer.subarray(at + mark.length);
        if (length + at > maxBytes) throw new MultipartInvalid(`a part has more than ${maxBytes} bytes`);
        return Buffer.concat(done);
      }
      // The mark may have begun in the last bytes.
      const safe = Math.max(0, this.buffer.length - mark.length + 1);
      done.push(this.buffer.subarray(0, safe));
      length += safe;
      if (length > maxBytes) throw new MultipartInvalid(`a part has more than ${maxBytes} bytes`);
      const rest = this.buffer.subarray(safe);
      const more = await this.more();
      this.buffer = rest.length === 0 ? more : Buffer.concat([rest, more]);
    }
  }

  private async more(): Promise<Buffer> {
    const next = await this.source.next();
    if (next.done === true) throw new MultipartInvalid('the body ends before its last boundary');
    const { buffer, byteOffset, byteLength } = next.value;
    return Buffer.from(buffer, byteOffset, byteLength);
  }
}
