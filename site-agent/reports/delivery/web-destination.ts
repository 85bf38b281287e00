import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { WebClient, type WebAnswer, type WebTarget } from '../../data/pacs/dicomweb/web-client.js';
import { FilmNotGiven, pacsAnswerInvalid } from '../../data/pacs/pacs-failure.js';
import { reportRefused, type Destination } from './destination.js';
import type { ReportObject } from './report-object.js';

const JSON_TYPE = 'application/dicom+json';
/** Stored; stored with remarks; not stored (PS3.18, 10.5.3). All three say more in their body. */
const STATUSES = [200, 202, 409];
const MAX_ANSWER_BYTES = 1024 * 1024;

const valued = <V extends z.ZodType>(value: V) => z.looseObject({ Value: z.array(value).optional() });
/** Failed SOP Sequence and Referenced SOP Sequence of PS3.18, I.2. */
const stored = z.looseObject({
  '00081198': valued(z.looseObject({ '00081197': valued(z.number()).optional() })).optional(),
  '00081199': valued(z.looseObject({ '00081155': valued(z.string()).optional() })).optional(),
});

/** A server that takes objects by STOW-RS (PS3.18, 10.5), one per request. */
export class WebDestination implements Destination {
  readonly place: string;
  private readonly client: WebClient;

  constructor(target: WebTarget) {
    const { host, pathname } = new URL(target.url);
    this.place = `${host}${pathname.replace(/\/+$/, '')}`;
    this.client = new WebClient(target, this.place);
  }

  async send(object: ReportObject, signal: AbortSignal, onLeft: (bytes: number) => void): Promise<void> {
    const boundary = `fedoxnet-${randomUUID()}`;
    const body = {
      type: `multipart/related; type="application/dicom"; boundary=${boundary}`,
      bytes: Buffer.concat([
        Buffer.from(`--${boundary}\r\nContent-Type: application/dicom\r\n\r\n`),
        object.file,
        Buffer.from(`\r\n--${boundary}--\r\n`),
      ]),
      onLeft,
    };
    try {
      await this.client.post('studies', body, JSON_TYPE, STATUSES, signal, (answer) =>
        this.understand(object, answer),
      );
    } catch (error) {
      if (error instanceof FilmNotGiven) throw reportRefused(this.place, object, error.message);
      throw error;
    }
  }

  close(): Promise<void> {
    this.client.close();
    return Promise.resolve();
  }

  private async understand(object: ReportObject, { status, body }: WebAnswer): Promise<void> {
    const answer = stored.safeParse(parseJson(await this.whole(body)));
    const failure = answer.data?.['00081198']?.Value?.[0];
    if (status === 409 || failure !== undefined) {
      const reason = failure?.['00081197']?.Value?.[0];
      const code = reason === undefined ? 'without a reason' : `failure reason ${hex(reason)}`;
      throw reportRefused(this.place, object, `status ${status}, ${code}`);
    }
    const taken = answer.data?.['00081199']?.Value?.some(
      (item) => item['00081155']?.Value?.[0] === object.sopInstance,
    );
    if (taken !== true) throw pacsAnswerInvalid(this.place, 'STOW-RS does not say that it stored the report');
  }

  private async whole(body: AsyncIterable<Buffer>): Promise<string> {
    const pieces: Buffer[] = [];
    let length = 0;
    for await (const piece of body) {
      pieces.push(piece);
      length += piece.length;
      if (length > MAX_ANSWER_BYTES)
        throw pacsAnswerInvalid(this.place, `an answer has more than ${MAX_ANSWER_BYTES} bytes`);
    }
    return Buffer.concat(pieces).toString('utf8');
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function hex(code: number): string {
  return code.toString(16).toUpperCase().padStart(4, '0');
}
