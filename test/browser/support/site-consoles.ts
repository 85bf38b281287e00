import type { SiteConsole } from '@fedoxnet/site-agent/console/console';
import { TrainingBoard } from '@fedoxnet/site-agent/console/training-board';
import { startQuietConsole } from './quiet-console.js';
import { SiteHome } from './site-home.js';
import type { OpenPage, WatchedPage } from './watched-pages.js';

/** A console with one page of it, which came in by the printed link and shows a film. */
export interface OpenConsole extends WatchedPage {
  readonly console: SiteConsole;
  readonly site: SiteHome;
}

/** @param board what the agent tells the console */
export type OpenConsoleOf = (board?: TrainingBoard) => Promise<OpenConsole>;

/** Consoles over one home of a site with a release, a new one for each call in a test of the enclosing `describe`. */
export function siteConsoles(openPage: OpenPage): OpenConsoleOf {
  const consoles: SiteConsole[] = [];
  let site: SiteHome | undefined;
  before(async () => {
    site = await SiteHome.make();
    await site.addRelease();
  });
  afterEach(async () => {
    for (const console of consoles.splice(0)) await console.close();
  });
  after(() => site?.remove());
  return async (board = new TrainingBoard()) => {
    if (site === undefined) throw new Error('consoles are opened in tests');
    const console = await startQuietConsole(site, board);
    consoles.push(console);
    const watched = await openPage(console.url);
    await watched.page.goto(console.entryLink ?? console.url);
    await watched.page.waitForSelector('#film[data-state=shown]');
    return { ...watched, console, site };
  };
}
