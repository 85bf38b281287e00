import { request } from 'node:http';
import type { Socket } from 'socket.io-client';
import { ERRORS, isErrorCode } from '@fedoxnet/shared/errors';
import { releaseGrant } from '@fedoxnet/shared/protocol/http-messages';
import type { EvaluationInvitation, RoundInvitation } from '@fedoxnet/shared/protocol/socket-messages';
import type { UpdateMasses } from '@fedoxnet/shared/weights/roles';
import { FakeSite } from '../../../coordinator/fake-site.js';
import type { Answer } from '../../../coordinator/http-call.js';

const MASSES: UpdateMasses = {
  films: 8,
  positives: 8,
  classRows: [4, 4],
  globalRows: [4, 4],
  prototypeRows: [4, 4],
};

const TRIES = 60;
const PAUSE_MS = 1000;

/** What all light sites of a process send: the same update, sealed by each with its own key. */
export interface LightUpdate {
  readonly file: Uint8Array;
  readonly digest: string;
}

/** Runs work, so much of it at once. */
export type Limit = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * A site as the coordinator sees it (keys, session, connection, heartbeats, a release fetched and a sealed update sent),
 * without an agent, a trainer or a disk.
 */
export class LightSite extends FakeSite {
  constructor(
    url: string,
    name: string,
    private readonly from: string,
  ) {
    super(url, name);
  }

  /** As an agent does: what may pass is tried again. */
  override async call(method: string, path: string, body?: unknown): Promise<Answer> {
    for (let tries = 1; ; tries += 1) {
      const answer = await this.once(method, path, body);
      const passes = isErrorCode(answer.code) && ERRORS[answer.code].retry;
      if (!passes || tries === TRIES) return answer;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  /** From an address of its own. */
  private once(method: string, path: string, body?: unknown): Promise<Answer> {
    const isBytes = body instanceof Uint8Array;
    const payload = body === undefined ? null : isBytes ? body : Buffer.from(JSON.stringify(body));
    const headers: Record<string, string | number> = {};
    if (this.token !== '') headers['authorization'] = `Bearer ${this.token}`;
    if (payload !== null) {
      headers['content-type'] = isBytes ? 'application/octet-stream' : 'application/json';
      headers['content-length'] = payload.byteLength;
    }
    return new Promise((resolve, reject) => {
      const url = new URL(`${this.url}/v1/${path}`);
      const asked = request(url, { method, headers, localAddress: this.from, agent: false }, (response) => {
        response.toArray().then((pieces) => {
          const bytes = Buffer.concat(pieces as Buffer[]);
          const isJson = response.headers['content-type']?.startsWith('application/json') === true;
          const json: unknown = isJson ? JSON.parse(bytes.toString('utf8')) : null;
          const { error } = (json ?? {}) as { readonly error?: { readonly code?: string } };
          resolve({ status: response.statusCode ?? 0, bytes, json, code: error?.code ?? null });
        }, reject);
      });
      asked.once('error', reject);
      asked.end(payload);
    });
  }

  /** Enrols, signs in, approves and connects. */
  async join(study: string, planHash: string, invitation: string): Promise<Socket> {
    this.demand(await this.enrol(invitation));
    await this.signIn();
    this.demand(await this.approve(study, planHash));
    return this.connect();
  }

  /** Takes part in every round until the study ends. */
  serve(socket: Socket, update: LightUpdate, limit: Limit): Promise<void> {
    return new Promise((resolve, reject) => {
      socket.on('round:invite', (invitation: RoundInvitation, ack: (reply: unknown) => void) => {
        ack({ accepted: true });
        limit(() => this.contribute(invitation, update)).catch(reject);
      });
      socket.on('round:evaluate', (asked: EvaluationInvitation, ack: (reply: unknown) => void) => {
        ack({ accepted: true });
        const report = { films: 1, classes: [] };
        limit(async () =>
          this.demand(await this.report(asked.study, asked.round, asked.digest, report)),
        ).catch(reject);
      });
      socket.on('study:ended', () => resolve());
      socket.on('disconnect', (reason) => reject(new Error(`${this.name} lost its connection: ${reason}`)));
    });
  }

  private async contribute(invitation: RoundInvitation, update: LightUpdate): Promise<void> {
    const path = `studies/${invitation.study}/releases/${invitation.release}`;
    const granted = await this.call('GET', path);
    this.demand(granted);
    const { header } = releaseGrant.parse(granted.json);
    for (let index = 0; index < header.chunks; index += 1) {
      this.demand(await this.call('GET', `${path}/chunks/${index}`));
    }
    this.demand(await this.send(this.sealFile(invitation, update, MASSES)));
  }

  private demand({ status, code }: Answer): void {
    if (status !== 200) throw new Error(`${this.name}: ${status} ${code ?? ''}`);
  }
}
