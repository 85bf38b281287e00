import type { ProbeReport } from './light-messages.js';
import { lightStart } from './light-messages.js';
import { LightSite } from './light-site.js';

/**
 * One more site, of no study, in a process that does nothing else: describes itself again and again and measures how long
 * the acknowledgement takes, through socket, database and rules. Ends when IPC says so.
 */
const EVERY_MS = 50;

process.once('message', (message) => {
  const { coordinator, sites } = lightStart.parse(message);
  const [own] = sites;
  const probe = async (): Promise<void> => {
    if (own === undefined) throw new Error('the probe has no name');
    const site = new LightSite(coordinator, own.site, own.from);
    await site.enrol(own.invitation);
    await site.signIn();
    const socket = await site.connect();
    const ms: number[] = [];
    let isOver = false;
    process.once('message', () => (isOver = true));
    const films = { train: 1, val: 1, box: 1, image: 0, none: 0 };
    process.send?.({ kind: 'connected' });
    while (!isOver) {
      const started = performance.now();
      await socket.emitWithAck('site:describe', { agent: 'probe', backend: 'none', films });
      ms.push(performance.now() - started);
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
    process.send?.({ kind: 'round-trips', ms } satisfies ProbeReport, () => process.exit(0));
  };
  probe().catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});
