import type { AccessTokens } from './secret-files.js';
import { secretsEqual } from './sites/secrets.js';

export function isOperatorToken({ operator }: AccessTokens, token: string): boolean {
  return secretsEqual(token, operator);
}

/** The operator may look at everything too. */
export function isViewerToken({ operator, viewer }: AccessTokens, token: string): boolean {
  const isViewer = secretsEqual(token, viewer);
  const isOperator = secretsEqual(token, operator);
  return isViewer || isOperator;
}
