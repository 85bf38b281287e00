import { SingleBar } from 'cli-progress';

/** Reports `done` of `total` while a command works. */
export type OnProgress = (done: number, total: number) => void;

/** Runs `work` under a progress bar on stderr; without a terminal there it is silent. */
export function withProgressBar<T>(what: string, work: (onProgress: OnProgress) => Promise<T>): Promise<T> {
  return withProgressBars((bar) => work(bar(what)));
}

/** As `withProgressBar`, for work in several steps: the bar of a step takes the place of the one before. */
export async function withProgressBars<T>(
  work: (bar: (what: string) => OnProgress) => Promise<T>,
): Promise<T> {
  let shown: { readonly what: string; readonly bar: SingleBar } | null = null;
  try {
    return await work((what) => (done, total) => {
      if (!process.stderr.isTTY) return;
      if (shown?.what !== what) {
        shown?.bar.stop();
        shown = { what, bar: newBar(what) };
        shown.bar.start(total, done);
      } else {
        shown.bar.setTotal(total);
        shown.bar.update(done);
      }
    });
  } finally {
    (shown as { readonly bar: SingleBar } | null)?.bar.stop();
  }
}

function newBar(what: string): SingleBar {
  return new SingleBar({
    format: `${what} {bar} {value}/{total}, {eta_formatted} left`,
    stream: process.stderr,
    clearOnComplete: true,
    hideCursor: true,
  });
}
