import type { StateWord } from '@fedoxnet/shared/page/state-word';
import type { SiteRound, StudyStatus } from '@fedoxnet/shared/protocol/status';
import { formatRate } from './format.js';
import { formatBytes, formatCount, formatLoss, NOT_KNOWN } from './page/numbers.js';
import { SITE_ROUND_WORDS } from './state-words.js';

type SiteStatus = StudyStatus['sites'][number];
type Films = NonNullable<SiteStatus['description']>['films'];

/** One line of the table of sites, as text. */
export interface SiteRow {
  readonly site: string;
  readonly connection: StateWord;
  /** Training films by their supervision: "Boxes 120", "Image labels 40", "No labels 900". */
  readonly supervision: readonly string[];
  readonly films: readonly string[];
  readonly backend: string;
  readonly phase: StateWord;
  /** Why the site is not counted in the current round. */
  readonly reason: string | null;
  readonly steps: { readonly done: number; readonly of: number } | null;
  readonly loss: string;
  /** The teacher's boxes that were taken, of all it saw: "80 % of 1,250". */
  readonly pseudo: string;
  readonly filmsPerSecond: string;
  readonly sent: string;
  readonly received: string;
}

const RESTING: StateWord = { text: 'Waiting', tone: 'waiting' };

/** A row per site of the plan, in its order. Phase, step, loss and speed are those of the latest round. */
export function siteRows(status: StudyStatus): SiteRow[] {
  const round = status.history.at(-1);
  const training = status.state === 'running' && round?.state === 'training';
  return status.sites.map((site) => {
    const own = round?.sites.find((entry) => entry.site === site.site);
    return {
      site: site.site,
      connection: connection(site),
      supervision: site.description === null ? [NOT_KNOWN] : supervision(site.description.films),
      films: site.description === null ? [NOT_KNOWN] : films(site.description.films),
      backend: site.description?.backend ?? NOT_KNOWN,
      phase: own === undefined ? RESTING : SITE_ROUND_WORDS[own.state],
      reason: own?.reason ?? null,
      steps: own === undefined || own.steps === 0 ? null : { done: own.step, of: own.steps },
      loss: lossOf(own),
      pseudo: pseudoOf(own),
      filmsPerSecond: training && own?.state === 'training' ? formatRate(own.filmsPerSecond) : NOT_KNOWN,
      sent: formatBytes(site.bytesSent),
      received: formatBytes(site.bytesReceived),
    };
  });
}

function connection({ connected, approved }: SiteStatus): StateWord {
  if (!connected) return { text: 'Offline', tone: 'bad' };
  return approved ? { text: 'Connected', tone: 'good' } : { text: 'Plan not approved', tone: 'waiting' };
}

function supervision({ box, image, none }: Films): string[] {
  const kinds: [string, number][] = [
    ['Boxes', box],
    ['Image labels', image],
    ['No labels', none],
  ];
  const present = kinds.filter(([, count]) => count > 0);
  return present.length === 0 ? [NOT_KNOWN] : present.map(([kind, count]) => `${kind} ${formatCount(count)}`);
}

function films({ train, val }: Films): string[] {
  return val === 0
    ? [`${formatCount(train)} training`]
    : [`${formatCount(train)} training`, `${formatCount(val)} held out`];
}

/** The total where the site reports one, else the plain sum of its terms: sites report them unweighted. */
function lossOf(own: SiteRound | undefined): string {
  const terms = Object.values(own?.losses ?? {});
  if (own === undefined || terms.length === 0) return NOT_KNOWN;
  return formatLoss(own.losses['total'] ?? terms.reduce((sum, term) => sum + term, 0));
}

function pseudoOf(own: SiteRound | undefined): string {
  if (own === undefined || own.pseudo === null) return NOT_KNOWN;
  const { kept, dropped } = own.pseudo;
  const all = kept + dropped;
  return all === 0 ? NOT_KNOWN : `${Math.round((100 * kept) / all)} % of ${formatCount(all)}`;
}
