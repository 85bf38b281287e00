import type { StateWord } from '@fedoxnet/shared/page/state-word';
import { eventText } from '../agent/event-text.js';
import type { LiveEvent, Progress } from '../agent/live-events.js';
import type { CurvePoint, RoundLine, TrainingReply } from './messages.js';

const ROUNDS_KEPT = 200;
const EVENTS_KEPT = 100;
/** Of a curve: beyond it every second point goes. */
const POINTS_KEPT = 600;

const WORDS: Record<'working' | 'sent' | 'counted' | 'uncounted' | 'failed' | 'declined', StateWord> = {
  working: { text: 'In work', tone: 'busy' },
  sent: { text: 'Update sent', tone: 'busy' },
  counted: { text: 'Counted', tone: 'good' },
  uncounted: { text: 'Not counted', tone: 'waiting' },
  failed: { text: 'Failed', tone: 'bad' },
  declined: { text: 'Declined', tone: 'bad' },
};

/** What a running agent told, as the page shows it. Before it told anything there is nothing to show. */
export class TrainingBoard {
  private site = '';
  private connected = false;
  private backend: string | null = null;
  private films: TrainingReply['films'] = null;
  private progress: Progress | null = null;
  private curve: CurvePoint[] = [];
  private curveOf = '';
  private readonly rounds = new Map<string, RoundLine>();
  private readonly events: { at: string; text: string }[] = [];

  constructor(private readonly now: () => Date = () => new Date()) {}

  apply(event: LiveEvent): void {
    if (event.event !== 'progress') {
      this.events.unshift({ at: this.now().toISOString(), text: eventText(event) });
      this.events.splice(EVENTS_KEPT);
    }
    switch (event.event) {
      case 'started':
        this.site = event.site;
        break;
      case 'connected':
        this.connected = true;
        break;
      case 'disconnected':
        this.connected = false;
        break;
      case 'prepared':
        this.backend = event.backend;
        this.films = event.films;
        break;
      case 'round':
        this.change(event, { state: WORDS.working });
        break;
      case 'progress':
        this.advance(event);
        break;
      case 'trained':
        this.change(event, { losses: event.losses, steps: event.steps, seconds: event.seconds });
        break;
      case 'uploaded':
        this.change(event, { state: WORDS.sent, bytes: event.bytes, digest: event.digest });
        break;
      case 'failed':
        this.change(event, { state: WORDS.failed, note: event.message });
        break;
      case 'declined':
        this.change({ ...event, attempt: 1 }, { state: WORDS.declined, note: event.message });
        break;
      case 'closed':
        this.close(event.study, event.round, event.counted.includes(this.site));
        break;
      case 'evaluated':
        break;
      case 'ended':
        this.progress = null;
        break;
    }
  }

  view(): TrainingReply {
    const { connected, backend, films, progress, curve, events } = this;
    const rounds = [...this.rounds.values()].reverse();
    return { connected, backend, films, progress, curve, rounds, events };
  }

  private advance(progress: Progress): void {
    this.progress = progress;
    const { study, round, attempt, phase, step, losses, filmsPerSecond } = progress;
    if (phase !== 'train') return;
    const place = `${study} ${round} ${attempt}`;
    // A trainer that was started again goes back to its checkpoint.
    if (place !== this.curveOf) this.curve = [];
    else this.curve = this.curve.filter((point) => point.step < step);
    this.curveOf = place;
    this.curve.push({ step, losses, filmsPerSecond });
    if (this.curve.length > POINTS_KEPT) this.curve = this.curve.filter((_, i) => i % 2 === 1);
    this.change(progress, {});
  }

  private close(study: string, round: number, counted: boolean): void {
    for (const line of this.rounds.values()) {
      if (line.study !== study || line.round !== round) continue;
      this.change(line, { state: counted ? WORDS.counted : WORDS.uncounted });
    }
  }

  private change(at: Pick<RoundLine, 'study' | 'round' | 'attempt'>, change: Partial<RoundLine>): void {
    const { study, round, attempt } = at;
    const key = `${study} ${round} ${attempt}`;
    const before: RoundLine = this.rounds.get(key) ?? {
      ...{ study, round, attempt, state: WORDS.working, note: null },
      ...{ steps: 0, seconds: null, losses: {}, bytes: null, digest: null },
    };
    this.rounds.set(key, { ...before, ...change });
    const [oldest] = this.rounds.keys();
    if (this.rounds.size > ROUNDS_KEPT && oldest !== undefined) this.rounds.delete(oldest);
  }
}
