import type { AgentSettings } from './running-agent.js';
import { runScripted } from './running-agent.js';

/** The agent as a process of its own, for tests that kill it. Its settings come as JSON in the first argument. */
const settings = JSON.parse(process.argv[2] ?? '') as AgentSettings;
const parentGone = new AbortController();
process.on('disconnect', () => parentGone.abort());
await runScripted(settings, () => undefined, parentGone.signal);
process.exit(0);
