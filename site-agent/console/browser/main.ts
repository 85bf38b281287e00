import type { SiteReply } from '../messages.js';
import { CensusView } from './census-view.js';
import { Entrance } from './entrance.js';
import { FilmsView } from './films-view.js';
import { LedgerView } from './ledger-view.js';
import { byId, setText } from './page/element.js';
import { PlansView } from './plans-view.js';
import { QuarantineView } from './quarantine-view.js';
import { AccessRefused } from './requests.js';
import { TrainingView } from './training-view.js';
import type { View } from './view.js';

/** Wires the page: entrance → tabs → views. */
const views: Readonly<Record<string, View>> = {
  films: new FilmsView(report),
  quarantine: new QuarantineView(report),
  census: new CensusView(),
  plans: new PlansView(report),
  ledger: new LedgerView(report),
  training: new TrainingView(report),
};
const entrance = new Entrance(open);
let shown: string | null = null;

function open(site: SiteReply): void {
  setText(byId('site'), site.site ?? 'not enrolled');
  setText(byId('agent'), site.agent ? 'Agent runs' : 'Without agent');
  byId('agent').dataset['tone'] = site.agent ? 'good' : 'waiting';
  for (const view of Object.values(views)) view.start?.(site);
  const wanted = location.hash.slice(1);
  openTab(wanted in views ? wanted : 'films');
}

function openTab(name: string): void {
  const view = views[name];
  if (view === undefined) return;
  if (shown !== null) views[shown]?.hide?.();
  shown = name;
  for (const link of document.querySelectorAll<HTMLAnchorElement>('nav a')) {
    const isShown = link.hash === `#${name}`;
    if (isShown) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
    byId(link.hash.slice(1)).hidden = !isShown;
    if (isShown) document.title = `${link.textContent} · fedoxnet site console`;
  }
  report(null);
  view.show().catch(report);
}

/** Says what went wrong; whoever is not signed in any more comes back to the entrance. */
function report(error: unknown): void {
  if (shown === null) return; // an answer to somebody who has left
  if (error instanceof AccessRefused) {
    leave();
    entrance.show(error.message);
    return;
  }
  byId('banner').hidden = error === null;
  setText(byId('banner'), error instanceof Error ? error.message : '');
}

function leave(): void {
  if (shown !== null) views[shown]?.hide?.();
  shown = null;
  document.title = 'fedoxnet site console';
}

window.addEventListener('hashchange', () => {
  const name = location.hash.slice(1);
  if (shown !== null && name in views && name !== shown) openTab(name);
});
window.addEventListener('keydown', (event) => {
  const target = event.target as HTMLElement;
  const isWriting = target.matches('input:not([type=checkbox], [type=radio]), select, textarea');
  if (shown === null || isWriting || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.querySelector('dialog[open]') !== null) return;
  // Letters mean the same with Caps Lock.
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (views[shown]?.press?.(key) === true) event.preventDefault();
});
byId('sign-out').addEventListener('click', () => {
  leave();
  void entrance.leave();
});

void entrance.enter();
