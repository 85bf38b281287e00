import type { UpdateMasses } from '@fedoxnet/shared/weights/roles';

/** What an update rests on when each of `films` has boxes of both classes of a small plan, and none makes prototypes. */
export function massesOf(films: number): UpdateMasses {
  const rows = [films, films];
  return { films, positives: films, classRows: rows, globalRows: rows, prototypeRows: [0, 0] };
}
