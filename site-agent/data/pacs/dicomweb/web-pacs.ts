import { z } from 'zod';
import {
  isUid,
  MAX_FILM_BYTES,
  type FilmPlace,
  type FoundInstance,
  type FoundSeries,
  type Pacs,
  type StudyQuery,
} from '../pacs.js';
import { FilmNotGiven, pacsAnswerInvalid } from '../pacs-failure.js';
import { Slots } from '../slots.js';
import { boundaryOf, MultipartInvalid, readParts } from './multipart-related.js';
import { WebClient, type WebAnswer, type WebTarget } from './web-client.js';

/** PS3.18, F.2: tag → VR and values. Other fields are of no interest here. */
const answers = z.array(z.record(z.string(), z.looseObject({ Value: z.array(z.unknown()).optional() })));
type Answer = z.infer<typeof answers>[number];

const JSON_TYPE = 'application/dicom+json';
/** As the film lies there, whatever its transfer syntax. */
const FILM_TYPE = 'multipart/related; type="application/dicom"; transfer-syntax=*';
const PAGE = 200;
/** A page of studies with all their attributes takes about 1 MB. */
const MAX_JSON_BYTES = 32 * 1024 * 1024;
/** An answer without end. */
const MAX_PAGES = 10_000;

/** A PACS that is asked by DICOMweb: QIDO-RS finds, WADO-RS gives (PS3.18, 10.6 and 10.4). */
export class WebPacs implements Pacs {
  readonly place: string;
  readonly connections: number;
  private readonly client: WebClient;
  private readonly slots: Slots;

  constructor(target: WebTarget) {
    const { host, pathname } = new URL(target.url);
    this.place = `${host}${pathname.replace(/\/+$/, '')}`;
    this.connections = target.connections;
    this.client = new WebClient(target, this.place);
    this.slots = new Slots(target.connections);
  }

  async echo(signal: AbortSignal): Promise<string> {
    const page = await this.page('studies?limit=1', signal);
    return `${this.place} answers QIDO-RS${page.length === 0 ? ', but shows no study' : ''}`;
  }

  async studies({ modality, from, to }: StudyQuery, signal: AbortSignal): Promise<string[]> {
    const date = from === to ? (from ?? '') : `${from ?? ''}-${to ?? ''}`;
    const query = new URLSearchParams({
      ModalitiesInStudy: modality,
      ...(date !== '' && { StudyDate: date }),
    });
    return (await this.all('studies', query, '0020000D', signal))
      .map((answer) => text(answer, '0020000D'))
      .filter(isUid);
  }

  async series(study: string, signal: AbortSignal): Promise<FoundSeries[]> {
    const query = new URLSearchParams({ includefield: '00180015' });
    const found = await this.all(`studies/${study}/series`, query, '0020000E', signal);
    return found.flatMap((answer) => {
      const series = text(answer, '0020000E');
      const [modality, bodyPart] = [text(answer, '00080060'), text(answer, '00180015')];
      return isUid(series) ? [{ series, modality, bodyPart }] : [];
    });
  }

  async instances(study: string, series: string, signal: AbortSignal): Promise<FoundInstance[]> {
    const path = `studies/${study}/series/${series}/instances`;
    const found = await this.all(path, new URLSearchParams(), '00080018', signal);
    return found.flatMap((answer) => {
      const instance = text(answer, '00080018');
      return isUid(instance) ? [{ instance, sopClass: text(answer, '00080016') }] : [];
    });
  }

  fetch({ study, series, instance }: FilmPlace, signal: AbortSignal): Promise<Uint8Array> {
    const path = `studies/${study}/series/${series}/instances/${instance}`;
    return this.slots.run(() => this.client.get(path, FILM_TYPE, signal, (answer) => this.film(answer)));
  }

  close(): Promise<void> {
    this.client.close();
    return Promise.resolve();
  }

  /** The first object of the answer; an object alone, without parts around it, is taken too. */
  private async film({ contentType, body }: WebAnswer): Promise<Uint8Array> {
    if (/^application\/dicom\b(?!\+)/i.test(contentType)) return this.whole(body, MAX_FILM_BYTES);
    const boundary = boundaryOf(contentType);
    if (boundary === null)
      throw pacsAnswerInvalid(this.place, 'WADO-RS gives neither parts nor a DICOM file');
    let film: Buffer | null = null;
    try {
      for await (const part of readParts(body, boundary, MAX_FILM_BYTES)) film ??= part.body;
    } catch (error) {
      if (error instanceof MultipartInvalid) throw pacsAnswerInvalid(this.place, error.message, error);
      throw error;
    }
    if (film === null) throw new FilmNotGiven('the PACS answers without a film');
    return film;
  }

  /** Page after page, until one brings nothing new: some servers give shorter pages than asked, some ignore the offset. */
  private async all(
    path: string,
    query: URLSearchParams,
    key: string,
    signal: AbortSignal,
  ): Promise<readonly Answer[]> {
    const found = new Map<string, Answer>();
    for (let pages = 0; pages < MAX_PAGES; pages++) {
      const asked = new URLSearchParams([...query, ['limit', String(PAGE)], ['offset', String(found.size)]]);
      const page = await this.page(`${path}?${asked.toString()}`, signal);
      const before = found.size;
      for (const answer of page) found.set(text(answer, key) ?? '', answer);
      if (found.size === before) return [...found.values()];
    }
    throw pacsAnswerInvalid(this.place, 'a query has no end of answers');
  }

  private page(path: string, signal: AbortSignal): Promise<readonly Answer[]> {
    return this.slots.run(() =>
      this.client
        .get(path, JSON_TYPE, signal, async ({ status, contentType, body }) => {
          const bytes = await this.whole(body, MAX_JSON_BYTES);
          if (status === 204 || bytes.length === 0) return [];
          const parsed = /json/i.test(contentType) ? answers.safeParse(parseJson(bytes)) : null;
          if (parsed?.success !== true) throw pacsAnswerInvalid(this.place, 'QIDO-RS gives no DICOM JSON');
          return parsed.data;
        })
        .catch((error: unknown) => {
          if (error instanceof FilmNotGiven)
            throw pacsAnswerInvalid(this.place, `asked by QIDO-RS, ${error.message}`, error);
          throw error;
        }),
    );
  }

  private async whole(body: AsyncIterable<Buffer>, limit: number): Promise<Uint8Array> {
    const pieces: Buffer[] = [];
    let length = 0;
    for await (const piece of body) {
      pieces.push(piece);
      length += piece.length;
      if (length > limit) throw pacsAnswerInvalid(this.place, `an answer has more than ${limit} bytes`);
    }
    return Buffer.concat(pieces);
  }
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return null;
  }
}

/** The first value, where it is text. */
function text(answer: Answer, tag: string): string | null {
  const value = answer[tag]?.Value?.[0];
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}
