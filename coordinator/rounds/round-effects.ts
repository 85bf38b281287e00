import { ERRORS, isErrorCode, type ErrorCode } from '@fedoxnet/shared/errors';
import { failpoint } from '@fedoxnet/shared/failpoints/failpoint';
import type { InvitationReply } from '@fedoxnet/shared/protocol/socket-messages';
import { pauseMs, type Insistence } from './insistence.js';
import { oneLine } from './one-line.js';
import { aggregationStep, publishStep, type StepContext } from './round-steps.js';
import {
  assignmentOf,
  isCollecting,
  type Assignment,
  type RoundRun,
  type RunEffect,
  type RunEvent,
} from './run.js';
import type { SiteLink } from './site-link.js';
import type { Within } from './study-actor.js';

/** What effects need of the engine around them. */
export interface EffectHost extends StepContext {
  readonly link: SiteLink;
  readonly insistence: Insistence;
  readonly leaseMs: number;
  readonly round: (study: string) => RoundRun | null;
  readonly approved: (study: string) => ReadonlySet<string>;
  readonly apply: (study: string, event: RunEvent, within?: Within) => Promise<void>;
  /** Writes what sites last reported, so that a round's record is whole when it closes. */
  readonly writeProgress: () => Promise<void>;
}

/**
 * Does what the rules ask for: messages to sites, sums, releases. Every effect looks at the state first, so one that
 * comes twice or too late does nothing; one that fails is for its caller to start again.
 */
export class RoundEffects {
  readonly #host: EffectHost;
  /** Studies whose sum is under way, and whether another was asked for meanwhile. */
  readonly #aggregating = new Map<string, 'once' | 'again'>();
  /** By study and site: the question asked last. An older one that still waits for its answer gives way. */
  readonly #asking = new Map<string, symbol>();

  constructor(host: EffectHost) {
    this.#host = host;
  }

  async perform(study: string, effect: RunEffect): Promise<void> {
    const { link, log } = this.#host;
    switch (effect.kind) {
      case 'invite':
        return this.#invite(study, effect.site);
      case 'ask-evaluation':
        return this.#askEvaluation(study, effect.site);
      case 'aggregate':
        return this.#aggregate(study);
      case 'publish':
        return this.#publish(study);
      case 'next-round':
        return this.#host.apply(study, { kind: 'next-round' });
      case 'tell-closed': {
        const round = this.#host.round(study)?.number;
        if (round === undefined) return;
        failpoint('coordinator.close.telling');
        const message = { study, round, counted: [...effect.counted], carried: [...effect.carried] };
        const sites = effect.to === null ? this.#host.approved(study) : [effect.to];
        for (const site of sites) link.tellClosed(site, message);
        return;
      }
      case 'tell-ended':
        failpoint('coordinator.end.telling');
        for (const site of this.#host.approved(study)) link.tellEnded(site, { study, state: effect.state });
        return;
      case 'alarm': {
        const { site, filmShare, reason } = effect;
        log.warn({ study, site, filmShare, reason }, 'a round ended without a site that holds many films');
      }
    }
  }

  async #invite(study: string, site: string): Promise<void> {
    const { database, link, apply, now } = this.#host;
    const ask = async (): Promise<InvitationReply | null> => {
      const round = this.#host.round(study);
      if (!isCollecting(round)) return null;
      const { round: number, attempt } = assignmentOf(round, site);
      const base = await database.stores.studies.findRelease(study, number - 1);
      if (base === null) return null;
      failpoint('coordinator.invite.sending');
      const deadline = Math.min(round.deadline ?? now(), round.sites[site]?.due ?? Infinity);
      const reply = await link.invite(site, {
        study,
        planHash: base.header.planHash,
        round: number,
        attempt,
        release: base.number,
        digest: base.header.digest,
        deadline: new Date(deadline).toISOString(),
      });
      if (reply === null) return null;
      const work = { site, round: number, attempt };
      if (isForNow(reply)) {
        await apply(study, { kind: 'postponed', ...work, reason: reasonOf(reply) });
        return reply;
      }
      failpoint('coordinator.invite.answered');
      await apply(study, reply.accepted ? { kind: 'accepted', ...work } : refusalOf(reply, work));
      return reply;
    };
    const isOpen = (): boolean => {
      const round = this.#host.round(study);
      const state = round?.sites[site]?.state ?? '';
      return isCollecting(round) && ['invited', 'missing', 'postponed'].includes(state);
    };
    await this.#untilAnswered(`${study}/${site}/invite`, site, ask, isOpen);
  }

  async #askEvaluation(study: string, site: string): Promise<void> {
    const { database, link, apply, now, leaseMs } = this.#host;
    const since = now();
    const ask = async (): Promise<InvitationReply | null> => {
      const round = this.#host.round(study);
      if (round?.state !== 'evaluating') return null;
      const release = await database.stores.studies.findRelease(study, round.number);
      if (release === null) return null;
      failpoint('coordinator.evaluate.asking');
      const reply = await link.askEvaluation(site, {
        study,
        round: round.number,
        attempt: round.attempt,
        release: release.number,
        digest: release.header.digest,
      });
      // A site that cannot score now is waited for as long as one that is away.
      if (reply === null || (isForNow(reply) && now() - since < leaseMs)) return reply;
      failpoint('coordinator.evaluate.answered');
      if (!reply.accepted) await apply(study, { kind: 'evaluation-out', site, reason: reasonOf(reply) });
      return reply;
    };
    const isOpen = (): boolean => {
      const round = this.#host.round(study);
      return round?.state === 'evaluating' && round.sites[site]?.evaluation === 'asked';
    };
    await this.#untilAnswered(`${study}/${site}/evaluate`, site, ask, isOpen);
  }

  /** A connected site is asked again until it answers for good; one that is away is asked when it comes back. */
  async #untilAnswered(
    key: string,
    site: string,
    ask: () => Promise<InvitationReply | null>,
    isOpen: () => boolean,
  ): Promise<void> {
    const { link, insistence } = this.#host;
    const question = Symbol(key);
    this.#asking.set(key, question);
    for (let tries = 1; ; tries += 1) {
      const reply = await ask();
      if (reply !== null && !isForNow(reply)) return;
      await insistence.pause(pauseMs(tries));
      const goesOn = link.isConnected(site) && this.#asking.get(key) === question && isOpen();
      if (insistence.closed || !goesOn) return;
    }
  }

  /**
   * One sum at a time, until what it comes to is stored: the next one removes releases that nothing names. An effect may be asked
   * for twice, after a restart for example, and an update that was refused asks for another sum.
   */
  async #aggregate(study: string): Promise<void> {
    if (this.#aggregating.has(study)) {
      this.#aggregating.set(study, 'again');
      return;
    }
    try {
      do {
        this.#aggregating.set(study, 'once');
        await this.#host.writeProgress();
        if (this.#host.round(study)?.state !== 'aggregating') return;
        const { event, within } = await aggregationStep(this.#host, study);
        await this.#host.apply(study, event, within);
      } while (this.#aggregating.get(study) === 'again');
    } finally {
      this.#aggregating.delete(study);
    }
  }

  async #publish(study: string): Promise<void> {
    const step = await publishStep(this.#host, study);
    if (step !== null) await this.#host.apply(study, step.event, step.within);
  }
}

type Decline = Extract<InvitationReply, { accepted: false }>;

function reasonOf({ code, message }: Decline): string {
  return oneLine(`${code}: ${message}`);
}

/** A refusal that may change by itself: the site's disk is full, for example, or it works at other hours. */
function isForNow(reply: InvitationReply): reply is Decline {
  return !reply.accepted && isErrorCode(reply.code) && ERRORS[reply.code].retry;
}

/** A site whose films the plan's stage does not ask for waits, which is no fault of anybody's. */
function refusalOf(reply: Decline, work: Assignment & { readonly site: string }): RunEvent {
  return reply.code === ('STAGE_NOT_REACHED' satisfies ErrorCode)
    ? { kind: 'waits', ...work, reason: oneLine(reply.message) }
    : { kind: 'declined', ...work, reason: reasonOf(reply) };
}
