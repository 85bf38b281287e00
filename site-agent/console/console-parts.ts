import type { Logger } from 'pino';
import type { ConsoleDoor } from './access/console-door.js';
import type { FilmIndex } from './films/film-index.js';
import type { Pictures } from './films/pictures.js';
import type { SeenBoxes } from './films/seen-boxes.js';
import type { TrainingReply } from './messages.js';
import type { PlanDesk } from './plan-desk.js';

/** What the routes of the console work with. */
export interface ConsoleParts {
  /** Absolute paths, as the agent has them. */
  readonly home: string;
  readonly data: string;
  readonly door: ConsoleDoor;
  readonly index: FilmIndex;
  readonly pictures: Pictures;
  readonly seen: SeenBoxes;
  readonly plans: PlanDesk;
  /** Null in a console without an agent. */
  readonly board: { view(): TrainingReply } | null;
  readonly log: Logger;
}
