import type { BrowserContextOptions } from 'playwright-core';
import type { ConsortiumCensus } from '@fedoxnet/shared/protocol/census-messages';
import type { StudyStatus } from '@fedoxnet/shared/protocol/status';
import { DashboardServer } from './dashboard-server.js';
import { watchedPages, type WatchedPage } from './watched-pages.js';

/** A dashboard with one page of it. */
export interface OpenDashboard extends WatchedPage {
  readonly server: DashboardServer;
  readonly url: string;
}

export interface Opening {
  /** Known before anybody looks. */
  readonly census?: ConsortiumCensus;
  /** `closed` where no web socket comes through. */
  readonly sockets?: 'open' | 'closed';
  /** What the address holds; the right one when left out. */
  readonly token?: string;
  readonly page?: BrowserContextOptions;
}

/** @param status of the one study, or null before there is one */
export type OpenDashboardOf = (status: StudyStatus | null, opening?: Opening) => Promise<OpenDashboard>;

/** Dashboards for the tests of the enclosing `describe`, each with a server of its own. A page that may see a study shows it. */
export function dashboards(): OpenDashboardOf {
  const openPage = watchedPages();
  const servers: DashboardServer[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close();
  });
  return async (status, { census, sockets, token, page: options } = {}) => {
    const server = new DashboardServer(sockets);
    servers.push(server);
    const url = await server.listen();
    if (status !== null) server.publish(status);
    if (census !== undefined) server.publishCensus(census);
    const watched = await openPage(url, options);
    await watched.page.goto(`${url}#token=${token ?? server.token}`);
    if (status !== null && token === undefined) await watched.page.waitForSelector('#sites tbody tr');
    return { ...watched, server, url };
  };
}
