import { createHash } from 'node:crypto';
import { uploadState, type UploadState } from '@fedoxnet/shared/protocol/http-messages';
import type { UpdateHeader } from '@fedoxnet/shared/sealing/header';
import { signHeader } from '@fedoxnet/shared/sealing/signed-header';
import { canonicalJson } from '@fedoxnet/shared/study/canonical-json';
import { encodeSafetensors } from '@fedoxnet/shared/weights/safetensors';
import type { SealedUpdate } from '../../coordinator/fake-site.js';
import { massesOf } from '../../e2e/support/masses-of.js';
import { mutateBytes } from '../bytes/mutate-bytes.js';
import type { Dice } from '../dice.js';
import type { BesiegedSite } from './besieged-study.js';
import { misplaced, misplacedFields, signatureOf } from './damaged-headers.js';
import { mutateJson } from './mutate-json.js';
import { UploadBook } from './upload-book.js';
import {
  codeIn,
  isInOrder,
  someAddress,
  type RawAnswer,
  type RawClient,
  type RawRequest,
} from './raw-client.js';

/** A full chunk costs so much more than the others that it comes this seldom. */
const ONE_FULL_CHUNK_IN = 40;

/** Sends one site's upload in every order and with every damage, and holds the answers against its book. */
export class UploadSiege {
  readonly faults: string[] = [];
  requests = 0;
  /** Answers by what was sent and how it ended. */
  readonly seen = new Map<string, number>();
  readonly #client: RawClient;
  readonly #site: BesiegedSite;
  readonly #stranger: BesiegedSite;
  readonly #dice: Dice;
  readonly #book = new UploadBook((index) => this.#genuine(index));

  /** @param stranger another site, with a session of its own */
  constructor(client: RawClient, site: BesiegedSite, stranger: BesiegedSite, dice: Dice) {
    this.#client = client;
    this.#site = site;
    this.#stranger = stranger;
    this.#dice = dice;
  }

  /** A round begins: nothing of it is there yet. */
  begin(): void {
    this.#book.begin();
  }

  /** One hostile or honest move. */
  async move(): Promise<void> {
    const moves = [
      () => this.#openGenuine(),
      () => this.#openDamaged(),
      () => this.#openForged(),
      () => this.#look(),
      () => this.#putGenuine(),
      () => this.#putDamaged(),
      () => this.#putDamaged(),
      () => this.#putElsewhere(),
      () => this.#putMany(),
      () => this.#completeEarly(),
      () => this.#sealGarbage(),
    ];
    await this.#dice.pick(moves)();
  }

  /** Sends what is missing, as a site does after whatever happened to it. */
  async finish(): Promise<void> {
    await this.#openGenuine();
    for (const index of [0, 1]) await this.#put(index, this.#genuine(index));
    await this.#complete();
  }

  async #openGenuine(): Promise<void> {
    const { header, signature } = this.#site.update;
    const answer = await this.#post('uploads', { header, signature });
    const state = stateIn(answer);
    this.#expect('open', answer, 200);
    if (state === null) return;
    this.#book.openAs(state.id);
    this.#compare('open', state);
  }

  /** Signed by the site itself: what its own broken or bribed agent could send. */
  async #openDamaged(): Promise<void> {
    const { update, keys } = this.#site;
    const header = (
      this.#dice.below(2) === 0
        ? mutateJson(update.header, this.#dice)
        : misplaced(update.header, this.#stranger.name, this.#dice)
    ) as UpdateHeader;
    const signature = signatureOf(header, keys.sign.secretKey) ?? update.signature;
    const answer = await this.#post('uploads', { header, signature });
    if (answer.status !== 200) {
      this.#expectRefusal('open damaged', answer);
      return;
    }
    this.#note('open damaged', 200);
    const state = stateIn(answer);
    const isGenuine = canonicalJson(header) === canonicalJson(update.header);
    if (isGenuine && state !== null) {
      this.#book.openAs(state.id);
      this.#compare('open damaged', state);
      return;
    }
    if (this.#book.isComplete)
      this.#fault('open damaged', 'another header was taken after the update was counted');
    const wrong = misplacedFields(header, update.header);
    if (wrong.length > 0)
      this.#fault('open damaged', `took another ${wrong.join()}: ${JSON.stringify(header)}`);
    this.#book.replaceBy(state?.id ?? null);
  }

  /** Not signed by the site, or not sent by it. */
  async #openForged(): Promise<void> {
    const { header, signature } = this.#site.update;
    const others = signHeader(header, this.#stranger.keys.sign.secretKey);
    const [as, by] = this.#dice.pick([
      [this.#site, others],
      [this.#site, `A${signature.slice(1)}`],
      [this.#stranger, signature],
      [this.#stranger, others],
      [null, signature],
    ] as const);
    if (as === this.#site && by === signature) return;
    this.#expectRefusal('open forged', await this.#post('uploads', { header, signature: by }, as));
  }

  async #look(): Promise<void> {
    if (this.#dice.below(4) === 0) {
      const id = this.#dice.pick(this.#book.gone);
      this.#expectRefusal('look at another', await this.#send({ method: 'GET', path: `/v1/uploads/${id}` }));
      return;
    }
    if (this.#book.id === null) return;
    const answer = await this.#send({ method: 'GET', path: `/v1/uploads/${this.#book.id}` });
    this.#expect('look', answer, 200);
    this.#compare('look', stateIn(answer));
  }

  async #putGenuine(): Promise<void> {
    const index = this.#dice.below(ONE_FULL_CHUNK_IN) === 0 ? 0 : 1;
    await this.#put(index, this.#genuine(index));
  }

  /** The right place, other bytes. */
  async #putDamaged(): Promise<void> {
    const index = this.#dice.below(ONE_FULL_CHUNK_IN) === 0 ? 0 : 1;
    const genuine = Buffer.from(this.#genuine(index));
    switch (this.#dice.below(5)) {
      case 0: {
        const at = this.#dice.below(genuine.length);
        genuine[at] = (genuine[at] as number) ^ (1 << this.#dice.below(8));
        return this.#put(index, genuine);
      }
      case 1:
        return this.#put(index, genuine.subarray(0, this.#dice.below(genuine.length)));
      case 2:
        return this.#put(index, Buffer.concat([genuine, genuine.subarray(0, 1 + this.#dice.below(100))]));
      case 3:
        return this.#put(1, Buffer.from(this.#stranger.update.chunks[1] as Uint8Array));
      default:
        return this.#cutOff(index, genuine);
    }
  }

  /** The line breaks in the middle of a chunk: nothing of it may count. */
  async #cutOff(index: number, bytes: Buffer): Promise<void> {
    if (this.#book.id === null) return;
    const path = `/v1/uploads/${this.#book.id}/chunks/${index}`;
    const cutAfter = this.#dice.below(bytes.length);
    await this.#send({ method: 'PUT', path, body: bytes, cutAfter });
    this.#note('cut off', 0);
  }

  /** The right bytes, another place or another sender. */
  async #putElsewhere(): Promise<void> {
    const id =
      this.#dice.below(2) === 0
        ? (this.#book.id ?? 'u1')
        : this.#dice.pick([...this.#book.gone, ...this.#book.counted]);
    const isOpen = id === this.#book.id;
    const index = this.#dice.pick(['-1', '2', '1e0', '0x1', '4294967297', 'NaN', '%31', '1']);
    const as =
      isOpen && (index === '1' || index === '%31') ? this.#dice.pick([this.#stranger, null]) : this.#site;
    const path = `/v1/uploads/${id}/chunks/${index}`;
    this.#expectRefusal(
      'put elsewhere',
      await this.#send({ method: 'PUT', path, body: this.#genuine(1) }, as),
    );
  }

  /** The same chunk over several connections at once. */
  async #putMany(): Promise<void> {
    if (this.#book.id === null) return;
    const bytes = this.#genuine(1);
    if (this.#book.answerTo(1, bytes) !== 'taken') return;
    const path = `/v1/uploads/${this.#book.id}/chunks/1`;
    const answers = await Promise.all([0, 1, 2].map(() => this.#send({ method: 'PUT', path, body: bytes })));
    for (const answer of answers) this.#expect('put many', answer, 200);
    this.#book.store(1, bytes);
  }

  async #completeEarly(): Promise<void> {
    if (this.#book.id === null || this.#book.isWhole) {
      const id = this.#dice.pick(this.#book.gone);
      const [target, as] = this.#dice.pick([
        [id, this.#site],
        [this.#book.id ?? id, this.#stranger],
        [this.#book.id ?? id, null],
      ] as const);
      this.#expectRefusal('complete another', await this.#post(`uploads/${target}/complete`, {}, as));
      return;
    }
    this.#expectRefusal('complete early', await this.#post(`uploads/${this.#book.id}/complete`, {}));
  }

  /** Sealed and signed as it should be, but what comes out is no update. */
  async #sealGarbage(): Promise<void> {
    if (this.#book.isComplete) return;
    const { update } = this.#site;
    const small = encodeSafetensors(
      new Map([['stem.weight', { shape: [8], values: new Float32Array(8) }]]),
      {},
    );
    const file = mutateBytes(small, this.#dice);
    if (file.length === 0) return;
    const invitation = { ...update.header, digest: update.header.base, release: 0, deadline: '' };
    const digest = createHash('sha256').update(file).digest('hex');
    const garbage = this.#site.sealFile(invitation, { file, digest }, massesOf(1));
    await this.#sendGarbage(garbage);
  }

  async #sendGarbage({ header, signature, chunks }: SealedUpdate): Promise<void> {
    const opened = await this.#post('uploads', { header, signature });
    const state = stateIn(opened);
    if (state === null) return this.#expectRefusal('open garbage', opened);
    this.#book.replaceBy(state.id);
    const path = `/v1/uploads/${state.id}/chunks/0`;
    const put = await this.#send({ method: 'PUT', path, body: chunks[0] as Uint8Array });
    this.#note('put garbage', put.status);
    this.#expectRefusal('complete garbage', await this.#post(`uploads/${state.id}/complete`, {}));
  }

  /** A chunk of the open upload, whatever its bytes are. */
  async #put(index: number, bytes: Uint8Array): Promise<void> {
    if (this.#book.id === null) return;
    const due = this.#book.answerTo(index, bytes);
    const path = `/v1/uploads/${this.#book.id}/chunks/${index}`;
    const answer = await this.#send({ method: 'PUT', path, body: bytes });
    if (due !== 'taken') return this.#expectRefusal('put', answer, due);
    this.#expect('put', answer, 200);
    this.#book.store(index, bytes);
  }

  async #complete(): Promise<void> {
    const answer = await this.#post(`uploads/${this.#book.id}/complete`, {});
    this.#expect('complete', answer, 200);
    if (answer.status === 200) this.#book.isComplete = true;
  }

  #genuine(index: number): Uint8Array {
    return this.#site.update.chunks[index] as Uint8Array;
  }

  #compare(what: string, state: UploadState | null): void {
    const due = this.#book.state;
    if (JSON.stringify(state) !== JSON.stringify(due)) {
      this.#fault(what, `${JSON.stringify(state)} instead of ${JSON.stringify(due)}`);
    }
  }

  #post(path: string, body: unknown, as: BesiegedSite | null = this.#site): Promise<RawAnswer> {
    const headers = { 'content-type': 'application/json' };
    return this.#send({ method: 'POST', path: `/v1/${path}`, body: JSON.stringify(body), headers }, as);
  }

  #send(request: RawRequest, as: BesiegedSite | null = this.#site): Promise<RawAnswer> {
    this.requests++;
    const headers = {
      'content-type': 'application/octet-stream',
      'x-forwarded-for': someAddress(this.#dice),
      ...request.headers,
      ...(as === null ? {} : { authorization: `Bearer ${as.session}` }),
    };
    return this.#client.send({ ...request, headers });
  }

  #expect(what: string, answer: RawAnswer, status: number): void {
    this.#note(what, answer.status);
    if (answer.status !== status) this.#fault(what, `${answer.status} ${answer.body.slice(0, 300)}`);
  }

  #expectRefusal(what: string, answer: RawAnswer, code: string | null = null): void {
    this.#note(what, answer.status);
    const isRefused = answer.status === 0 || (answer.status >= 400 && isInOrder(answer));
    if (isRefused && (code === null || answer.status === 0 || codeIn(answer.body) === code)) return;
    this.#fault(what, `${answer.status} ${answer.body.slice(0, 300)}, due: ${code ?? 'any refusal'}`);
  }

  #note(what: string, status: number): void {
    const key = `${what}: ${status}`;
    this.seen.set(key, (this.seen.get(key) ?? 0) + 1);
  }

  #fault(what: string, how: string): void {
    this.faults.push(`${this.#site.name}, request ${this.requests}, ${what}: ${how}`);
  }
}

function stateIn({ status, body }: RawAnswer): UploadState | null {
  return status === 200 ? uploadState.parse(JSON.parse(body)) : null;
}
