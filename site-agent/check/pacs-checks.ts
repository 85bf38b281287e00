import { FederationError } from '@fedoxnet/shared/errors';
import { openPacs, readPacsSettings, type PacsSettings, type PacsWay } from '../data/pacs/pacs-settings.js';
import { failed, passed, skipped, type Check, type CheckResult } from './check.js';
import { networkFix } from './network-fixes.js';

/** Whoever waits for these lines does not wait as long as a nightly pull would. */
const LONGEST_WAIT_SECONDS = 15;

/** Whether the PACS answers and knows us, by each way that `pacs.json` sets: C-ECHO with what we need offered, and QIDO-RS. */
export function pacsChecks(home: string | null): Check[] {
  const line = (name: string, title: string, wayOf: (settings: PacsSettings) => PacsWay | null): Check => ({
    name,
    title,
    async run() {
      if (home === null) return skipped('no --home was given');
      const settings = await readPacsSettings(home);
      if (settings === null) return skipped(`no pacs.json in ${home}: films come from folders`);
      const way = wayOf(settings);
      return way === null ? skipped('pacs.json does not set this way') : ask(settings, way, home);
    },
  });
  return [
    line('pacs-dicomweb', 'PACS by DICOMweb', ({ dicomweb }) => (dicomweb === undefined ? null : 'dicomweb')),
    line('pacs-dimse', 'PACS by DIMSE', ({ dimse }) => dimse?.retrieve ?? null),
  ];
}

async function ask(settings: PacsSettings, way: PacsWay, home: string): Promise<CheckResult> {
  const timeoutSeconds = Math.min(settings.timeoutSeconds, LONGEST_WAIT_SECONDS);
  const pacs = await openPacs({ ...settings, timeoutSeconds }, way, home);
  const begun = Date.now();
  try {
    const says = await pacs.echo(new AbortController().signal);
    const remark = isExposed(settings, way)
      ? '; its secret crosses the network in the clear: use https'
      : isClear(settings, way)
        ? '; films cross the network in the clear: use dimse.tls where the PACS can'
        : '';
    return passed(`${says}, in ${Date.now() - begun} ms${remark}`);
  } catch (error) {
    if (!(error instanceof FederationError)) throw error;
    // DIMSE has a CA of its own in pacs.json; the rest of the network goes by the environment.
    const isOwnCa = error.code === 'PACS_UNTRUSTED' && way !== 'dicomweb';
    return failed(error.message, (isOwnCa ? undefined : networkFix(error.cause)) ?? error.entry.help);
  } finally {
    await pacs.close();
  }
}

function isClear({ dimse }: PacsSettings, way: PacsWay): boolean {
  return way !== 'dicomweb' && dimse !== undefined && dimse.tls === undefined && !isHere(dimse.pacs.host);
}

function isHere(host: string): boolean {
  return /^(localhost$|127\.|\[?::1\]?$)/.test(host);
}

function isExposed({ dicomweb }: PacsSettings, way: PacsWay): boolean {
  if (way !== 'dicomweb' || dicomweb === undefined) return false;
  const { protocol, hostname } = new URL(dicomweb.url);
  const hasSecret = dicomweb.user !== undefined || dicomweb.secretFile !== undefined;
  return hasSecret && protocol === 'http:' && !isHere(hostname);
}
