import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCoordinator, type Coordinator } from '@fedoxnet/coordinator/coordinator';
import { secretHash } from '@fedoxnet/shared/access/secrets';
import type { EvaluationReport } from '@fedoxnet/shared/evaluation/match-histogram';
import { studyStatus, type StudyStatus } from '@fedoxnet/shared/protocol/status';
import type { EvaluationInvitation, RoundInvitation } from '@fedoxnet/shared/protocol/socket-messages';
import type { WeightMap } from '@fedoxnet/shared/weights/weight-map';
import { FakeSite, type SealedUpdate } from '../../coordinator/fake-site.js';
import { call, type Answer } from '../../coordinator/http-call.js';
import { massesOf } from '../../e2e/support/masses-of.js';
import { modelFile } from '../../e2e/support/small-model.js';
import { smallPlan } from '../../e2e/support/small-plan.js';
import { storedSecrets, type StoredSecrets } from './stored-secrets.js';

export const STUDY = 'fuzzed';

/** An update of so many numbers has a full first chunk and a short second one, which costs little to send often. */
const NUMBERS = 2 ** 20 + 16;
const filledWith = (value: number): WeightMap =>
  new Map([['stem.weight', { shape: [NUMBERS], values: new Float32Array(NUMBERS).fill(value) }]]);

/** Each round adds (3 · 1 + 1 · 5) / (3 + 1) to every number. */
const PARTS = [
  { name: 'hospital-a', films: 3, delta: 1 },
  { name: 'hospital-b', films: 1, delta: 5 },
] as const;
export const CHANGE_PER_ROUND = 2;

/** One film with one true box of its first class, found at .9. */
const REPORT: EvaluationReport = {
  films: 1,
  classes: [
    {
      ...{ class: 'Mass', films: 1, truths: 1 },
      byIou: [0.4, 0.5].map((iou) => ({ iou, matched: [[900, 1]], unmatched: [] })),
    },
  ],
};

/** A site that is connected, answers every invitation, and has its update sealed and at hand, but sends it only when told to. */
export class BesiegedSite extends FakeSite {
  update!: SealedUpdate;
  secret = '';
  readonly #part: (typeof PARTS)[number];
  #round = 0;
  #wake: () => void = () => undefined;

  constructor(url: string, part: (typeof PARTS)[number]) {
    super(url, part.name);
    this.#part = part;
  }

  get session(): string {
    return this.token;
  }

  async takePart(): Promise<void> {
    const socket = await this.connect();
    socket.on('round:invite', (invitation: RoundInvitation, ack: (reply: unknown) => void) => {
      ack({ accepted: true });
      if (invitation.round <= this.#round) return;
      this.update = this.seal(invitation, filledWith(this.#part.delta), massesOf(this.#part.films));
      this.#round = invitation.round;
      this.#wake();
    });
    socket.on('round:evaluate', (asked: EvaluationInvitation, ack: (reply: unknown) => void) => {
      ack({ accepted: true });
      void this.report(asked.study, asked.round, asked.digest, REPORT);
    });
  }

  /** Until it is invited to this round, and its update of it is sealed. */
  async inRound(round: number): Promise<void> {
    while (this.#round < round) await new Promise<void>((resolve) => (this.#wake = resolve));
  }
}

/**
 * A real coordinator with a study in mid-round: two sites enrolled, signed in, connected and at work. Whatever is done to
 * it, its releases must come out as worked by hand.
 */
export class BesiegedStudy {
  private constructor(
    private readonly folder: string,
    readonly coordinator: Coordinator,
    readonly url: string,
    readonly sites: readonly BesiegedSite[],
    /** An invitation that nobody has used. */
    readonly openInvitation: string,
  ) {}

  static async start(rounds: number): Promise<BesiegedStudy> {
    const folder = await mkdtemp(join(tmpdir(), 'fedoxnet-fuzz-'));
    // Behind a proxy each request may have an address of its own, so that the limit per address does not hide the rest.
    const coordinator = await createCoordinator({ dataDir: folder, behindProxy: true });
    await new Promise<void>((resolve) => coordinator.server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(coordinator.server.address() as AddressInfo).port}`;
    const operate = (method: string, path: string, body?: unknown): Promise<Answer> =>
      call(url, method, path, { token: coordinator.tokens.operator, body });
    const invite = async (site: string): Promise<string> => {
      const { json } = await operate('POST', 'admin/invitations', { site });
      return (json as { invitation: string }).invitation;
    };
    const sites = PARTS.map((part) => new BesiegedSite(url, part));
    const names = PARTS.map(({ name }) => name);
    const plan = smallPlan({ study: STUDY, sites: names, rounds, roundDeadlineSeconds: 86_400 });
    const { json } = await operate('POST', 'admin/studies', { plan });
    await operate('PUT', `admin/studies/${STUDY}/model`, modelFile(filledWith(0)));
    for (const site of sites) {
      site.secret = await invite(site.name);
      await site.enrol(site.secret);
      await site.signIn();
      await site.approve(STUDY, (json as { hash: string }).hash);
      await site.takePart();
    }
    const study = new BesiegedStudy(folder, coordinator, url, sites, await invite('hospital-c'));
    await operate('POST', `admin/studies/${STUDY}/start`);
    await study.inRound(1);
    return study;
  }

  /** Until both sites are at work in it. */
  async inRound(round: number): Promise<void> {
    for (const site of this.sites) await site.inRound(round);
  }

  async status(): Promise<StudyStatus> {
    const { viewer } = this.coordinator.tokens;
    return studyStatus.parse(
      (await call(this.url, 'GET', `studies/${STUDY}/status`, { token: viewer })).json,
    );
  }

  async until(isThere: (status: StudyStatus) => boolean): Promise<StudyStatus> {
    for (;;) {
      const status = await this.status();
      if (isThere(status)) return status;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** The distinct numbers of a release: one, when nothing was counted but the sites' own updates, once each. */
  async numbersIn(release: number): Promise<number[]> {
    const [site] = this.sites as [BesiegedSite];
    const weights = await site.download(STUDY, release);
    return [...new Set(weights.get('stem.weight')?.values)];
  }

  /** Everything that only a genuine message may change, as the running coordinator knows it. */
  async state(): Promise<unknown> {
    const { sites, people, studies, rounds, uploads } = this.coordinator.database.stores;
    const latest = await rounds.latest(STUDY);
    const { number = 0, attempt = 0, state } = latest?.round ?? {};
    const open = [];
    for (const site of this.sites) {
      const upload = await uploads.findByKey({ study: STUDY, round: number, attempt, site: site.name });
      if (upload === null) continue;
      const { json } = await site.call('GET', `uploads/${upload.id}`);
      open.push([site.name, upload.header, upload.signature, upload.completedAt, json]);
    }
    return {
      sites: (await sites.all()).map(({ name, signKey, boxKey, revokedAt }) => [
        name,
        signKey,
        boxKey,
        revokedAt,
      ]),
      people: await people.all(),
      studies: (await studies.all()).map((study) => [study.name, study.planHash, study.state]),
      approvals: await studies.approvals(STUDY),
      round: [number, attempt, state],
      parts: latest?.sites.map(({ site, state: part, upload }) => [site, part, upload]),
      connected: (await this.status()).sites.map(({ site, connected }) => [site, connected]),
      open,
    };
  }

  /** Secrets by which somebody could get in: those of the two sites and the open invitation, and no other. */
  dueSecrets(): StoredSecrets {
    const invitations = [
      ...this.sites.map(({ name, secret }) => [name, secretHash(secret), true] as const),
      ['hospital-c', secretHash(this.openInvitation), false] as const,
    ];
    const sessions = this.sites.map(({ name, session }) => [name, secretHash(session)] as const);
    return { invitations, sessions, people: 0 };
  }

  /** Ends sites and coordinator. @returns the secrets that are stored */
  async secretsAtEnd(): Promise<StoredSecrets> {
    await this.#stop();
    return storedSecrets(join(this.folder, 'database'));
  }

  /** Leaves nothing behind. */
  async remove(): Promise<void> {
    await this.#stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  async #stop(): Promise<void> {
    for (const site of this.sites) site.close();
    await this.coordinator.close();
  }
}
