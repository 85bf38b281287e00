import type { RequestHandler } from 'express';
import { FederationError } from '@fedoxnet/shared/errors';

/** Names under which a browser on this machine reaches the console, also through a tunnel from another port. */
const OWN_HOSTS = /^(127\.0\.0\.1|localhost)(:\d{1,5})?$/i;

/**
 * Refuses requests under any other name: a foreign page could make its own name point here (DNS rebinding), and would then be
 * taken for ours.
 */
export const requireOwnHost: RequestHandler = ({ headers }, _response, next) => {
  if (OWN_HOSTS.test(headers.host ?? '')) return next();
  throw new FederationError('FORBIDDEN', 'The console answers to 127.0.0.1 and localhost alone.');
};
