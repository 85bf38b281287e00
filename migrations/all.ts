import { FirstTables1785000000000 } from './0001-first-tables.js';
import { People1785100000000 } from './0002-people.js';
import { Participation1785200000000 } from './0003-participation.js';
import { Receipts1785300000000 } from './0004-receipts.js';
import { Census1785400000000 } from './0005-census.js';
import { PseudoBoxes1785500000000 } from './0006-pseudo-boxes.js';
import { ServerState1785600000000 } from './0007-server-state.js';
import { OneOpenInvitation1785700000000 } from './0008-one-open-invitation.js';
import { ReceiptKeys1785800000000 } from './0009-receipt-keys.js';

/** Every migration, oldest first. One that has been merged is never edited: add another. */
export const migrations = [
  FirstTables1785000000000,
  People1785100000000,
  Participation1785200000000,
  Receipts1785300000000,
  Census1785400000000,
  PseudoBoxes1785500000000,
  ServerState1785600000000,
  OneOpenInvitation1785700000000,
  ReceiptKeys1785800000000,
];
