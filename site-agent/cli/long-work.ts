import { SingleBar } from 'cli-progress';

/** Reports `done` of `total` while a command works. */
export type OnProgress = (done: number, total: number) => void;

/** Runs `work` under a progress bar on stderr; without a terminal there it is silent. */
export async function withProgressBar<T>(
  what: string,
  work: (onProgress: OnProgress) => Promise<T>,
): Promise<T> {
  const bar = new SingleBar({
    format: `${what} {bar} {value}/{total}, {eta_formatted} left`,
    stream: process.stderr,
    clearOnComplete: true,
    hideCursor: true,
  });
  try {
    return await work((done, total) => {
      if (!process.stderr.isTTY) return;
      if (!bar.isActive) bar.start(total, done);
      else bar.update(done);
    });
  } finally {
    bar.stop();
  }
}
