import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { pino } from 'pino';
import { enrolSite } from '@fedoxnet/site-agent/agent/enrolment';
import { runSiteAgent } from '@fedoxnet/site-agent/agent/site-agent';
import { writeCatalogue } from '@fedoxnet/site-agent/data/catalogue-file';
import { siteStart, type SiteReport } from './site-messages.js';

// As the agent's own main.ts does.
setFlagsFromString('--heap-growing-percent=500');

/** One whole site agent in a process of its own; only its trainer is the bench's. Told by IPC who it is. */
const TRAINER = fileURLToPath(new URL('trivial-trainer.js', import.meta.url));

function report(message: SiteReport): void {
  if (process.connected) process.send?.(message);
}

process.once('message', (message) => {
  const { site, coordinator, invitation, home, data, planHash } = siteStart.parse(message);
  const stop = new AbortController();
  process.once('disconnect', () => stop.abort());
  const serve = async (): Promise<void> => {
    await enrolSite({ site, coordinator, invitation, home });
    await writeFile(`${home}/policy.json`, JSON.stringify({ approve: [planHash] }));
    await writeCatalogue(data, {
      version: 1,
      source: 'bench',
      classes: ['A', 'B'],
      films: [
        {
          id: 'film-1',
          patient: 'patient-1',
          split: 'train',
          file: 'film-1.png',
          width: 64,
          height: 64,
          boxes: [],
          readings: {},
        },
      ],
    });
    await runSiteAgent(
      {
        home,
        data,
        backend: 'cpu',
        agent: 'bench',
        trainer: { entry: TRAINER, env: {} },
        patienceMs: Infinity,
        takeoverMs: Infinity,
        log: pino({ level: 'warn' }, pino.destination(2)),
        onEvent: (event) => {
          if (event.event === 'ended') stop.abort();
          if (event.event === 'trained') report({ kind: 'phases', seconds: { train: event.seconds } });
        },
      },
      stop.signal,
    );
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    report({ kind: 'ended', cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, peakRssMb: maxRSS / 1024 });
  };
  serve().then(
    () => process.exit(0),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
