import { createReadStream } from 'node:fs';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { FederationError, isErrorCode } from '@fedoxnet/shared/errors';
import { refusal } from '@fedoxnet/shared/protocol/http-messages';
import { RunningDigest } from '@fedoxnet/shared/weights/digest';
import { writeAll } from '@fedoxnet/shared/write-all';
import { OPERATOR_TOKEN_FILE } from '../secret-files.js';

/** Written by `serve` while it listens, so that other commands on the same machine find it. */
export const ADDRESS_FILE = 'coordinator.url';

async function readLine(path: string, what: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (cause) {
    throw new FederationError('COORDINATOR_UNREACHABLE', `There is no ${what} at ${path}.`, { cause });
  }
}

/** Speaks to a running coordinator with the operator token of its data folder. */
export class OperatorClient {
  readonly #address: string;
  readonly #token: string;

  private constructor(address: string, token: string) {
    this.#address = address;
    this.#token = token;
  }

  /** @param url of the coordinator; by default the one that serves from `dataDir` */
  static async open(dataDir: string, url: string | undefined): Promise<OperatorClient> {
    const address = url ?? (await readLine(join(dataDir, ADDRESS_FILE), 'running coordinator'));
    const token = await readLine(join(dataDir, OPERATOR_TOKEN_FILE), 'operator token');
    if (!URL.canParse(address)) throw new FederationError('USAGE', `--url ${address} is no URL.`);
    return new OperatorClient(address.replace(/\/+$/, ''), token);
  }

  async get(path: string): Promise<unknown> {
    return (await this.#send('GET', path)).json();
  }

  async post(path: string, body: unknown = {}): Promise<unknown> {
    const reply = await this.#send('POST', path, JSON.stringify(body), 'application/json');
    return reply.json();
  }

  async putFile(path: string, file: string): Promise<unknown> {
    const handle = await open(file).catch((cause: unknown) => {
      throw new FederationError('DATA_MISSING', `The file ${file} cannot be read.`, { cause });
    });
    await handle.close();
    const reply = await this.#send(
      'PUT',
      path,
      Readable.toWeb(createReadStream(file)) as ReadableStream<Uint8Array>,
      'application/octet-stream',
    );
    return reply.json();
  }

  /**
   * Leaves `file` only when all of it came and its digest is right.
   * @param digest `none` for what is made while it is sent, and proves itself otherwise
   * @returns bytes and SHA-256
   */
  async getFile(
    path: string,
    file: string,
    { digest: expects }: { readonly digest: 'header' | 'none' } = { digest: 'header' },
  ): Promise<{ bytes: number; digest: string }> {
    const reply = await this.#send('GET', path);
    const partial = `${file}.part`;
    const digest = new RunningDigest();
    let bytes = 0;
    try {
      const target = await open(partial, 'w');
      try {
        for await (const piece of reply.body as unknown as AsyncIterable<Uint8Array>) {
          digest.update(piece);
          bytes += piece.byteLength;
          await writeAll(target, piece);
        }
        await target.sync();
      } finally {
        await target.close();
      }
      const hex = digest.hex();
      const expected = `sha-256=${Buffer.from(hex, 'hex').toString('base64')}`;
      if (expects === 'header' && reply.headers.get('digest') !== expected) {
        throw new FederationError('WEIGHTS_INVALID', `The model that came is not the one that was sent.`);
      }
      await rename(partial, file);
      return { bytes, digest: hex };
    } catch (error) {
      await rm(partial, { force: true });
      throw error;
    }
  }

  async #send(
    method: string,
    path: string,
    body?: string | ReadableStream<Uint8Array>,
    type?: string,
  ): Promise<Response> {
    const headers: Record<string, string> = { authorization: `Bearer ${this.#token}` };
    if (type !== undefined) headers['content-type'] = type;
    let reply: Response;
    try {
      reply = await fetch(`${this.#address}/v1/${path}`, {
        method,
        headers,
        redirect: 'error',
        ...(body === undefined ? {} : { body, duplex: 'half' as const }),
      });
    } catch (cause) {
      throw new FederationError('COORDINATOR_UNREACHABLE', `No coordinator answers at ${this.#address}.`, {
        cause,
      });
    }
    if (reply.ok) return reply;
    const parsed = refusal.safeParse(await reply.json().catch(() => null));
    if (parsed.success && isErrorCode(parsed.data.error.code)) {
      throw new FederationError(parsed.data.error.code, parsed.data.error.message);
    }
    throw new FederationError(
      'COORDINATOR_UNREACHABLE',
      `${this.#address} answered with status ${reply.status}.`,
    );
  }
}
