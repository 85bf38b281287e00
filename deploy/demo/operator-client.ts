import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { FederationError, isErrorCode } from '@fedoxnet/shared/errors';
import { refusal } from '@fedoxnet/shared/protocol/http-messages';
import { type StudyStatus, studyStatus } from '@fedoxnet/shared/protocol/status';
import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import { z } from 'zod';

const invitation = z.object({ invitation: z.string() });
const createdStudy = z.object({ hash: z.string() });

/** What the operator does at a running coordinator, over its HTTP interface. */
export class OperatorClient {
  constructor(
    private readonly address: string,
    private readonly token: string,
  ) {}

  /** @returns the one-time code with which `site` enrols */
  async invite(site: string): Promise<string> {
    return invitation.parse(await this.send('POST', '/v1/admin/invitations', { site })).invitation;
  }

  /** @returns the plan's hash */
  async createStudy(plan: StudyPlan): Promise<string> {
    return createdStudy.parse(await this.send('POST', '/v1/admin/studies', { plan })).hash;
  }

  /** Gives a study the model it starts from, a safetensors file. */
  async putModel(study: string, file: Uint8Array): Promise<void> {
    await this.request('PUT', `/v1/admin/studies/${study}/model`, file, 'application/octet-stream');
  }

  async start(study: string): Promise<void> {
    await this.send('POST', `/v1/admin/studies/${study}/start`, {});
  }

  async status(study: string): Promise<StudyStatus> {
    return studyStatus.parse(await this.send('GET', `/v1/studies/${study}/status`));
  }

  /** Writes a release as plaintext safetensors. */
  async downloadModel(study: string, release: number, path: string): Promise<void> {
    const response = await this.request('GET', `/v1/admin/studies/${study}/releases/${release}/model`);
    if (response.body === null)
      throw new FederationError('INTERNAL', `Release ${release} of ${study} came empty.`);
    await pipeline(
      Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]),
      createWriteStream(path),
    );
  }

  private async send(method: string, path: string, body?: object): Promise<unknown> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    return (await this.request(method, path, text, 'application/json')).json();
  }

  /** @throws {FederationError} with the coordinator's own code and message when it refuses */
  private async request(
    method: string,
    path: string,
    body?: string | Uint8Array,
    type?: string,
  ): Promise<Response> {
    const headers: Record<string, string> = { authorization: `Bearer ${this.token}` };
    if (type !== undefined) headers['content-type'] = type;
    const response = await fetch(`${this.address}${path}`, {
      method,
      headers,
      ...(body !== undefined && { body }),
    });
    if (response.ok) return response;
    const refused = refusal.safeParse(await response.json().catch(() => null));
    const { code, message } = refused.data?.error ?? {
      code: 'INTERNAL',
      message: `${path}: HTTP ${response.status}.`,
    };
    throw new FederationError(isErrorCode(code) ? code : 'INTERNAL', message);
  }
}
