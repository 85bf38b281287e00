import type { ConsortiumCensus } from '@fedoxnet/shared/protocol/census-messages';
import type { StudyStatus } from '@fedoxnet/shared/protocol/status';
import { applyProgress } from '../view/apply-progress.js';
import type { SiteProgress } from '../view/status-guard.js';

/** The studies this page knows, and which of them it shows. */
export class Studies {
  readonly #known = new Map<string, StudyStatus>();
  readonly #censuses = new Map<string, ConsortiumCensus>();
  #chosen: string | null = null;

  get names(): string[] {
    return [...this.#known.keys()].sort();
  }

  /** The chosen study; before a choice one that runs, else the last by name. */
  get shown(): StudyStatus | null {
    const chosen = this.#chosen === null ? undefined : this.#known.get(this.#chosen);
    if (chosen !== undefined) return chosen;
    const all = [...this.#known.values()];
    return all.find(({ state }) => state === 'running') ?? all.at(-1) ?? null;
  }

  choose(study: string): void {
    this.#chosen = study;
  }

  put(status: StudyStatus): void {
    this.#known.set(status.study, status);
  }

  advance(progress: SiteProgress): void {
    const status = this.#known.get(progress.study);
    if (status !== undefined) this.#known.set(status.study, applyProgress(status, progress));
  }

  putCensus(census: ConsortiumCensus): void {
    this.#censuses.set(census.study, census);
  }

  /** Null before it came. */
  censusOf(study: string): ConsortiumCensus | null {
    return this.#censuses.get(study) ?? null;
  }

  clear(): void {
    this.#known.clear();
    this.#censuses.clear();
    this.#chosen = null;
  }
}
