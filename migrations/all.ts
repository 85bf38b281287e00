import { FirstTables1785000000000 } from './0001-first-tables.js';

/** Every migration, oldest first. One that has been merged is never edited: add another. */
export const migrations = [FirstTables1785000000000];
