import type { ErrorCode } from '@fedoxnet/shared/errors';
import type { ExpectedUpdate } from './update-check.js';

/** What the thread that looks at updates is asked. */
export type CheckRequest =
  | {
      readonly kind: 'begin';
      readonly upload: string;
      readonly expected: ExpectedUpdate;
      readonly dataKey: Uint8Array;
    }
  /** Opens the stored chunk and looks at it: the one after the last that it looked at. */
  | { readonly kind: 'look'; readonly upload: string; readonly index: number }
  | { readonly kind: 'end'; readonly upload: string }
  | { readonly kind: 'forget'; readonly upload: string };

export interface CheckSeconds {
  /** Reading and opening. */
  open: number;
  check: number;
}

export type CheckReply =
  | { readonly kind: 'done'; readonly seconds: CheckSeconds }
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly message: string }
  | { readonly kind: 'broken'; readonly message: string };
