import { randomBytes } from 'node:crypto';
import { io, type Socket } from 'socket.io-client';
import {
  challengeReply,
  enrolReply,
  releaseGrant,
  sessionReply,
  uploadState,
} from '@fedoxnet/shared/protocol/http-messages';
import { CHUNK_BYTES } from '@fedoxnet/shared/protocol/limits';
import type { EvaluationReport } from '@fedoxnet/shared/evaluation/match-histogram';
import type { RoundInvitation } from '@fedoxnet/shared/protocol/socket-messages';
import { PROTOCOL } from '@fedoxnet/shared/protocol/version';
import { toBase64 } from '@fedoxnet/shared/sealing/base64';
import { chunkCount, chunkSeal, openChunk, sealChunk } from '@fedoxnet/shared/sealing/chunks';
import {
  generateDataKey,
  generateNoncePrefix,
  openDataKey,
  sealDataKey,
} from '@fedoxnet/shared/sealing/data-key';
import type { UpdateHeader } from '@fedoxnet/shared/sealing/header';
import { generateKeys, publicKeysOf } from '@fedoxnet/shared/sealing/keys';
import {
  APPROVAL_LABEL,
  approvalText,
  COORDINATOR_SESSION_LABEL,
  ENROL_LABEL,
  enrolText,
  SESSION_LABEL,
  sessionText,
} from '@fedoxnet/shared/sealing/session-texts';
import { signHeader, verifyHeader } from '@fedoxnet/shared/sealing/signed-header';
import { signText, verifyText } from '@fedoxnet/shared/sealing/signature';
import { digestOf } from '@fedoxnet/shared/weights/digest';
import { decodeSafetensors, encodeSafetensors } from '@fedoxnet/shared/weights/safetensors';
import type { UpdateMasses } from '@fedoxnet/shared/weights/roles';
import type { WeightMap } from '@fedoxnet/shared/weights/weight-map';
import { call, type Answer } from './http-call.js';

/** A sealed update, ready to be sent; kept so that a test can send it late, twice or damaged. */
export interface SealedUpdate {
  readonly header: UpdateHeader;
  readonly signature: string;
  readonly chunks: readonly Uint8Array[];
}

/** A site without a network to train: it speaks the protocol with real keys and says what a test tells it to. */
export class FakeSite {
  keys = generateKeys();
  socket: Socket | null = null;
  protected token = '';
  #coordinatorSignKey = '';
  #coordinatorBoxKey = '';

  constructor(
    /** Changes when the coordinator is started again on another port. */
    public url: string,
    readonly name: string,
  ) {}

  call(method: string, path: string, body?: unknown): Promise<Answer> {
    return call(this.url, method, path, { token: this.token, body });
  }

  async enrol(invitation: string): Promise<Answer> {
    const request = { protocol: PROTOCOL, invitation, site: this.name, keys: publicKeysOf(this.keys) };
    const signature = signText(ENROL_LABEL, enrolText(request), this.keys.sign.secretKey);
    const answer = await this.call('POST', 'sites/enrol', { ...request, signature });
    if (answer.status === 200) {
      const { coordinator } = enrolReply.parse(answer.json);
      this.#coordinatorSignKey = coordinator.signKey;
      this.#coordinatorBoxKey = coordinator.boxKey;
    }
    return answer;
  }

  /** From now on it is somebody who has copied the key of `site`, and none of its sessions. */
  copyKey(site: FakeSite): this {
    this.keys = site.keys;
    this.#coordinatorSignKey = site.#coordinatorSignKey;
    this.#coordinatorBoxKey = site.#coordinatorBoxKey;
    return this;
  }

  async signIn(): Promise<string> {
    const challenged = await this.call('POST', 'sites/challenge', { protocol: PROTOCOL, site: this.name });
    const { challenge } = challengeReply.parse(challenged.json);
    const nonce = toBase64(randomBytes(32));
    const text = sessionText(this.name, challenge, nonce);
    const signature = signText(SESSION_LABEL, text, this.keys.sign.secretKey);
    const answer = await this.call('POST', 'sites/session', {
      site: this.name,
      challenge,
      nonce,
      signature,
    });
    const session = sessionReply.parse(answer.json);
    if (!verifyText(COORDINATOR_SESSION_LABEL, text, session.signature, this.#coordinatorSignKey)) {
      throw new Error('the coordinator did not prove itself');
    }
    this.token = session.token;
    return session.token;
  }

  approve(study: string, hash: string): Promise<Answer> {
    const signature = signText(APPROVAL_LABEL, approvalText(study, hash), this.keys.sign.secretKey);
    return this.call('POST', `studies/${study}/approvals`, { hash, signature });
  }

  /** Resolves when connected; rejects with the refusal's code. */
  connect(): Promise<Socket> {
    const socket = io(`${this.url}/sites`, {
      auth: { token: this.token, protocol: PROTOCOL },
      reconnection: false,
      forceNew: true,
      transports: ['websocket'],
    });
    return new Promise((resolve, reject) => {
      socket.once('connect', () => {
        this.socket = socket;
        resolve(socket);
      });
      socket.once('connect_error', (error: Error & { data?: { error?: { code?: string } } }) => {
        socket.close();
        reject(new Error(error.data?.error?.code ?? error.message));
      });
    });
  }

  /** Fetches a release and opens it. */
  async download(study: string, release: number): Promise<WeightMap> {
    const path = `studies/${study}/releases/${release}`;
    const { header, signature, key } = releaseGrant.parse((await this.call('GET', path)).json);
    if (!verifyHeader(header, signature, this.#coordinatorSignKey)) throw new Error('not signed');
    const seal = chunkSeal(header, openDataKey(key, this.keys.box.secretKey));
    const pieces: Uint8Array[] = [];
    for (let index = 0; index < header.chunks; index += 1) {
      const { bytes } = await this.call('GET', `${path}/chunks/${index}`);
      pieces.push(openChunk(seal, index, bytes));
    }
    const file = Buffer.concat(pieces);
    if (digestOf(file) !== header.digest) throw new Error('the release has another digest');
    return decodeSafetensors(file).weights;
  }

  seal(
    invitation: RoundInvitation,
    delta: WeightMap,
    masses: UpdateMasses,
    changes: Partial<UpdateHeader> = {},
  ): SealedUpdate {
    const file = encodeSafetensors(delta, {});
    return this.sealFile(invitation, { file, digest: digestOf(file) }, masses, changes);
  }

  sealFile(
    invitation: RoundInvitation,
    { file, digest }: { readonly file: Uint8Array; readonly digest: string },
    masses: UpdateMasses,
    changes: Partial<UpdateHeader> = {},
  ): SealedUpdate {
    const dataKey = generateDataKey();
    const header: UpdateHeader = {
      kind: 'update',
      version: 1,
      study: invitation.study,
      planHash: invitation.planHash,
      digest,
      bytes: file.length,
      chunks: chunkCount(file.length),
      noncePrefix: generateNoncePrefix(),
      site: this.name,
      round: invitation.round,
      attempt: invitation.attempt,
      base: invitation.digest,
      encoding: 'fp32',
      masses,
      ...sealDataKey(dataKey, this.#coordinatorBoxKey),
      ...changes,
    };
    const seal = chunkSeal(header, dataKey);
    const chunks = Array.from({ length: header.chunks }, (_, index) =>
      sealChunk(seal, index, file.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES)),
    );
    return { header, signature: signHeader(header, this.keys.sign.secretKey), chunks };
  }

  openUpload({ header, signature }: SealedUpdate): Promise<Answer> {
    return this.call('POST', 'uploads', { header, signature });
  }

  /** Opens, sends every chunk, completes. @returns the last answer */
  async send(update: SealedUpdate): Promise<Answer> {
    const opened = await this.openUpload(update);
    if (opened.status !== 200) return opened;
    const { id } = uploadState.parse(opened.json);
    for (const [index, chunk] of update.chunks.entries()) {
      const put = await this.call('PUT', `uploads/${id}/chunks/${index}`, chunk);
      if (put.status !== 200) return put;
    }
    return this.call('POST', `uploads/${id}/complete`);
  }

  report(study: string, round: number, digest: string, report: EvaluationReport): Promise<Answer> {
    return this.call('POST', `studies/${study}/rounds/${round}/evaluation`, {
      release: round,
      digest,
      report,
    });
  }

  /** The next invitation that comes over the open connection; it is accepted. */
  nextInvitation(): Promise<RoundInvitation> {
    return new Promise((resolve) => {
      this.socket?.once('round:invite', (invitation: RoundInvitation, ack: (reply: unknown) => void) => {
        ack({ accepted: true });
        resolve(invitation);
      });
    });
  }

  close(): void {
    this.socket?.close();
  }
}
