import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { LiveEvent } from '@fedoxnet/site-agent/agent/live-events';

const SITE_PROGRAM = fileURLToPath(import.meta.resolve('@fedoxnet/site-agent/main'));

export interface SiteRun {
  readonly status: number | null;
  readonly events: readonly LiveEvent[];
  readonly log: string;
}

/** `fedoxnet-site run --once --json` as a process: what it told, and how it ended. */
export async function runSite(home: string, data: string): Promise<SiteRun> {
  const places = ['--home', home, '--data', data];
  const args = ['run', ...places, '--threads', '1', '--once', '--json', '--log-level', 'warn'];
  const child = spawn(process.execPath, [SITE_PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const killed = setTimeout(() => child.kill('SIGKILL'), 150_000);
  const events: LiveEvent[] = [];
  let log = '';
  createInterface({ input: child.stdout }).on('line', (line) => events.push(JSON.parse(line) as LiveEvent));
  child.stderr.on('data', (text: Buffer) => (log += text.toString()));
  const [status] = (await once(child, 'close')) as [number | null];
  clearTimeout(killed);
  return { status, events, log };
}
