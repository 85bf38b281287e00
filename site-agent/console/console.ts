import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FederationError } from '@fedoxnet/shared/errors';
import { ConsoleDoor } from './access/console-door.js';
import { readPasswordHash } from './access/console-password.js';
import { ExaminerProcess } from './examiner/examiner-process.js';
import { FilmIndex } from './films/film-index.js';
import { Pictures } from './films/pictures.js';
import { SeenBoxes } from './films/seen-boxes.js';
import { createConsoleApp } from './http/app.js';
import { PlanDesk } from './plan-desk.js';
import type { ConsoleParts } from './console-parts.js';

export const DEFAULT_CONSOLE_PORT = 8480;
/** Nothing else: what the console shows is for people at this machine. */
const ADDRESS = '127.0.0.1';

export interface ConsoleOptions extends Pick<ConsoleParts, 'board' | 'log'> {
  /** Absolute paths of the agent's own folder and of the folder with `catalogue.json`. */
  readonly home: string;
  readonly data: string;
  /** 0 takes a free one. */
  readonly port: number;
}

export interface SiteConsole {
  /** `http://127.0.0.1:PORT/` */
  readonly url: string;
  /** Opens the console once; null where a password does. */
  readonly entryLink: string | null;
  close(): Promise<void>;
}

/** Serves the console. @throws {FederationError} `PORT_IN_USE`, `CONFIG_INVALID` for a broken password file */
export async function startConsole(options: ConsoleOptions): Promise<SiteConsole> {
  const { home, data, port, log, board } = options;
  const hasPassword = (await readPasswordHash(home)) !== null;
  const door = new ConsoleDoor(home);
  const examiner = new ExaminerProcess();
  const pictures = new Pictures();
  const parts: ConsoleParts = {
    ...{ home, data, door, pictures, log, board },
    index: new FilmIndex(data),
    seen: new SeenBoxes(home, data, examiner),
    plans: new PlanDesk(home),
  };
  const server = createServer(createConsoleApp(parts));
  const closeParts = async (): Promise<void> => {
    examiner.close();
    await pictures.close();
  };
  try {
    await listen(server, port);
  } catch (error) {
    await closeParts();
    throw error;
  }
  const url = `http://${ADDRESS}:${(server.address() as AddressInfo).port}/`;
  return {
    url,
    entryLink: hasPassword ? null : `${url}#entry=${door.makeEntry()}`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await closeParts();
    },
  };
}

function listen(server: ReturnType<typeof createServer>, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE' && error.code !== 'EACCES') return reject(error);
      reject(new FederationError('PORT_IN_USE', `The console cannot have port ${port} (${error.code}).`));
    });
    server.listen(port, ADDRESS, () => resolve());
  });
}
