import { resolve } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';
import type { Backend } from './agent/site-work.js';
import type { SiteAgentOptions } from './agent/site-agent.js';
import { threadVariables } from './agent/thread-variables.js';
import { TRAINER_ENTRY } from './agent/trainer-process.js';

export const BACKENDS = ['auto', 'gpu', 'cpu', 'wasm'] as const satisfies readonly Backend[];

/** How `fedoxnet-site run` was started: options, or the environment variables that stand for them in a service file. */
export interface RunSettings {
  readonly home: string;
  readonly data: string;
  readonly backend: Backend;
  /** Threads of the numerical backend; without it the backend chooses. */
  readonly threads?: number;
  /** Seconds without a connection before the agent gives up; without it never. */
  readonly patience?: number;
}

/** Longer than the 3 s in which a coordinator finds out whether the connection it has is still alive. */
const TAKEOVER_MS = 10_000;

export type AgentConfig = Omit<SiteAgentOptions, 'log' | 'onEvent' | 'agent'>;

/** @throws {FederationError} `CONFIG_INVALID` for a home and data folder that are one and the same */
export function agentConfig(settings: RunSettings): AgentConfig {
  const home = resolve(settings.home);
  const data = resolve(settings.data);
  if (home === data) {
    throw new FederationError('CONFIG_INVALID', `--home and --data are both ${home}.`);
  }
  const patienceMs = settings.patience === undefined ? Infinity : settings.patience * 1000;
  return {
    home,
    data,
    backend: settings.backend,
    trainer: { entry: TRAINER_ENTRY, env: threadVariables(settings.threads) },
    patienceMs,
    takeoverMs: Math.min(TAKEOVER_MS, patienceMs),
  };
}
