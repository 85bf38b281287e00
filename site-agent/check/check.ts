/** One line of `fedoxnet-site check`. */
export interface Check {
  /** Stable: scripts select by it. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  readonly run: () => Promise<CheckResult>;
}

export type CheckResult =
  | { readonly state: 'passed'; readonly says: string }
  /** `fix` tells the reader what to do. */
  | { readonly state: 'failed'; readonly says: string; readonly fix: string }
  /** There was nothing to check; `says` why. */
  | { readonly state: 'skipped'; readonly says: string };

export type CheckLine = Pick<Check, 'name' | 'title'> & CheckResult;

export const passed = (says: string): CheckResult => ({ state: 'passed', says });
export const failed = (says: string, fix: string): CheckResult => ({ state: 'failed', says, fix });
export const skipped = (says: string): CheckResult => ({ state: 'skipped', says });
