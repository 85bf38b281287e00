import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const EXECUTABLE = '/usr/bin/chromium';

/** Why the browser tests cannot run here, or null when they can. */
export function whyNoChromium(): string | null {
  return existsSync(EXECUTABLE)
    ? null
    : `no ${EXECUTABLE}: install the Debian package chromium to run the browser tests`;
}

/** Headless, quiet, and without requests of its own. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: EXECUTABLE,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
