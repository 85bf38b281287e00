import type { RoundProgress } from '@fedoxnet/shared/protocol/socket-messages';
import type { SiteProgress } from '../storage/round-store.js';
import { extendCurve } from './curve.js';
import type { Assignment } from './run.js';

/** What a site last said about its work; in memory, because it says it again every second or so. */
export interface LiveSite extends SiteProgress {
  readonly round: number;
  readonly attempt: number;
}

/** A step, and when it was heard of, ms. */
interface HeardStep {
  readonly step: number;
  readonly at: number;
}

export interface LiveTraffic {
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

const NOTHING: LiveTraffic = { bytesSent: 0, bytesReceived: 0 };

/** Progress of all sites between two writes to the database. */
export class LiveProgress {
  readonly #sites = new Map<string, LiveSite>();
  readonly #traffic = new Map<string, LiveTraffic>();
  readonly #unwritten = new Set<string>();
  /** First and latest step heard of in the round's training, by study and site. */
  readonly #heard = new Map<
    string,
    { readonly work: string; readonly first: HeardStep; readonly last: HeardStep }
  >();

  /** What the database holds of a round under way, after a start. */
  restore(study: string, site: string, live: LiveSite): void {
    this.#sites.set(`${study}/${site}`, live);
  }

  /** @param at milliseconds of the coordinator's clock */
  record(site: string, message: RoundProgress, at: number): void {
    const { study, round, attempt, phase, step, steps, losses, filmsPerSecond, pseudo = null } = message;
    this.#traffic.set(site, { bytesSent: message.bytesSent, bytesReceived: message.bytesReceived });
    // Other phases count chunks or films, which are no steps of the curve.
    if (phase !== 'train') return;
    const key = `${study}/${site}`;
    this.#hear(key, `${round}.${attempt}`, { step, at });
    const known = this.#sites.get(key);
    const before = known?.round === round && known.attempt === attempt ? known.curve : [];
    const curve = Object.keys(losses).length === 0 ? before : extendCurve(before, { step, losses });
    this.#sites.set(key, { round, attempt, step, steps, losses, curve, filmsPerSecond, pseudo });
    this.#unwritten.add(key);
  }

  find(study: string, site: string, round: number): LiveSite | null {
    const live = this.#sites.get(`${study}/${site}`);
    return live?.round === round ? live : null;
  }

  /** Of the training of this round, as far as it was heard of; null before two steps were. */
  secondsPerStep(study: string, site: string, { round, attempt }: Assignment): number | null {
    const heard = this.#heard.get(`${study}/${site}`);
    if (heard?.work !== `${round}.${attempt}`) return null;
    const steps = heard.last.step - heard.first.step;
    return steps > 0 ? (heard.last.at - heard.first.at) / 1000 / steps : null;
  }

  #hear(key: string, work: string, last: HeardStep): void {
    const before = this.#heard.get(key);
    // A step that is not after the last one begins anew: the trainer went back to a checkpoint.
    const goesOn = before?.work === work && before.last.step < last.step;
    this.#heard.set(key, { work, first: goesOn ? before.first : last, last });
  }

  traffic(site: string): LiveTraffic {
    return this.#traffic.get(site) ?? NOTHING;
  }

  /** What has changed since the last call, for the database. */
  takeUnwritten(study: string): { site: string; live: LiveSite }[] {
    const prefix = `${study}/`;
    const taken: { site: string; live: LiveSite }[] = [];
    for (const key of this.#unwritten) {
      const live = this.#sites.get(key);
      if (!key.startsWith(prefix) || live === undefined) continue;
      this.#unwritten.delete(key);
      taken.push({ site: key.slice(prefix.length), live });
    }
    return taken;
  }
}
