import { readFileSync } from 'node:fs';

/** Resolves when the file has `line`; it may not be there yet. */
export async function fileHasLine(path: string, line: string, seconds = 30): Promise<void> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    try {
      if (readFileSync(path, 'utf8').split('\n').includes(line)) return;
    } catch {
      // not written yet
    }
    if (Date.now() > end) throw new Error(`${path} has no line "${line}" after ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
