import { fileURLToPath } from 'node:url';
import pino from 'pino';
import type { LiveEvent } from '@fedoxnet/site-agent/agent/live-events';
import { runSiteAgent } from '@fedoxnet/site-agent/agent/site-agent';
import { SCRIPT_VARIABLE, type Script } from './script.js';

export interface AgentSettings {
  readonly home: string;
  readonly data: string;
  readonly script: Script;
  readonly patienceMs: number;
  readonly takeoverMs: number;
}

const SCRIPTED_TRAINER = fileURLToPath(new URL('./scripted-trainer.js', import.meta.url));

/** The real agent with the scripted trainer in place of the one that learns. */
export function runScripted(
  { script, ...settings }: AgentSettings,
  onEvent: (event: LiveEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  return runSiteAgent(
    {
      ...settings,
      backend: 'auto',
      agent: 'fedoxnet-site test',
      trainer: { entry: SCRIPTED_TRAINER, env: { [SCRIPT_VARIABLE]: JSON.stringify(script) } },
      log: pino({ level: process.env['FEDOXNET_TEST_LOG'] ?? 'silent' }, pino.destination(2)),
      onEvent,
    },
    signal,
  );
}

type EventNamed<N extends LiveEvent['event']> = Extract<LiveEvent, { event: N }>;

/** An agent in this process, and what it told. */
export class RunningAgent {
  readonly events: LiveEvent[] = [];
  /** Settles when the agent ends: by `stop`, or with the error that ended it. */
  readonly ended: Promise<void>;
  private readonly stopping = new AbortController();
  private readonly waiting = new Set<() => void>();

  constructor(settings: AgentSettings) {
    const onEvent = (event: LiveEvent) => {
      this.events.push(event);
      for (const check of this.waiting) check();
    };
    this.ended = runScripted(settings, onEvent, this.stopping.signal);
    this.ended.catch(() => undefined);
  }

  of<N extends LiveEvent['event']>(name: N): EventNamed<N>[] {
    return this.events.filter((event): event is EventNamed<N> => event.event === name);
  }

  /** The first event of this name, now or later; rejects when the agent ends without it. */
  next<N extends LiveEvent['event']>(name: N, fits: (event: EventNamed<N>) => boolean = () => true) {
    return new Promise<EventNamed<N>>((resolve, reject) => {
      const check = () => {
        const found = this.of(name).find(fits);
        if (found === undefined) return;
        this.waiting.delete(check);
        resolve(found);
      };
      this.waiting.add(check);
      check();
      this.ended.then(() => reject(new Error(`the agent ended without ${name}`)), reject);
    });
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.ended.catch(() => undefined);
  }
}
