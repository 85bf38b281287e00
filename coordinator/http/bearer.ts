import type { Request } from 'express';
import { FederationError } from '@fedoxnet/shared/errors';
import { isOperatorToken, isViewerToken } from '../access.js';
import type { CoordinatorContext } from '../context.js';
import { siteOfToken } from '../sites/site-session.js';
import type { SiteRow } from '../storage/site-tables.js';

function bearerToken(request: Request): string {
  const match = /^Bearer ([\w-]{1,200})$/.exec(request.get('authorization') ?? '');
  if (match?.[1] === undefined) {
    throw new FederationError('SESSION_INVALID', 'The request carries no bearer token.');
  }
  return match[1];
}

/** The site that asks. @throws {FederationError} `SESSION_INVALID`, `SITE_REVOKED` */
export function requireSite(context: CoordinatorContext, request: Request): Promise<SiteRow> {
  return siteOfToken(context, bearerToken(request));
}

/** @throws {FederationError} `FORBIDDEN`, `SESSION_INVALID` */
export function requireOperator({ tokens }: CoordinatorContext, request: Request): void {
  if (!isOperatorToken(tokens, bearerToken(request))) {
    throw new FederationError('FORBIDDEN', 'This needs the operator token.');
  }
}

/** The operator is a viewer too. @throws {FederationError} `FORBIDDEN`, `SESSION_INVALID` */
export function requireViewer({ tokens }: CoordinatorContext, request: Request): void {
  if (!isViewerToken(tokens, bearerToken(request))) {
    throw new FederationError('FORBIDDEN', 'This needs the viewer token.');
  }
}
