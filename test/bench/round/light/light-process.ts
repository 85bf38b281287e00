import { digestOf } from '@fedoxnet/shared/weights/digest';
import { encodeSafetensors } from '@fedoxnet/shared/weights/safetensors';
import { benchShapes } from '../bench-model.js';
import { lightStart, type LightReport } from './light-messages.js';
import { LightSite, type Limit } from './light-site.js';

/** Many light sites in one process, told by IPC who they are. */

function report(message: LightReport): void {
  process.send?.(message);
}

function limitTo(count: number): Limit {
  let free = count;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
    else free -= 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}

process.once('message', (message) => {
  const { coordinator, study, planHash, params, atOnce, sites } = lightStart.parse(message);
  process.once('disconnect', () => process.exit(1));
  const serve = async (): Promise<void> => {
    const weights = [...benchShapes(params)].map(([name, shape]) => {
      return [name, { shape, values: new Float32Array(shape[0] ?? 0).fill(0.001) }] as const;
    });
    const file = encodeSafetensors(new Map(weights), {});
    const update = { file, digest: digestOf(file) };
    const limit = limitTo(atOnce);
    const ended = await Promise.all(
      sites.map(({ site, invitation, from }) =>
        limit(async () => {
          const light = new LightSite(coordinator, site, from);
          const socket = await light.join(study, planHash, invitation);
          return { light, done: light.serve(socket, update, limit) };
        }),
      ),
    );
    report({ kind: 'connected' });
    await Promise.all(ended.map(({ done }) => done));
    report({ kind: 'ended' });
  };
  serve().then(
    () => process.exit(0),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
