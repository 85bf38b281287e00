import express, { type RequestHandler } from 'express';
import { FederationError } from '@fedoxnet/shared/errors';
import { MAX_JSON_BYTES } from '@fedoxnet/shared/protocol/limits';
import type { CoordinatorContext } from '../context.js';
import { BodyBudget } from './body-budget.js';
import { MAX_STRANGER_BYTES, type ServerLimits } from './server-limits.js';
import { whoAsks } from './who-asks.js';

/**
 * JSON bodies. A small one is read from anybody, before anything is asked. A large one must say how large it is, is read when
 * the token or session that came with it holds, and when there is room for it. None may be compressed: its size would say
 * nothing of what it becomes.
 * @throws {FederationError} passed on: `TOO_LARGE`, `RATE_LIMITED`, and what a token or session is refused with
 */
export function jsonBodies(
  context: CoordinatorContext,
  { jsonBytes, jsonBytesOfOne }: Pick<ServerLimits, 'jsonBytes' | 'jsonBytesOfOne'>,
): RequestHandler {
  const budget = new BodyBudget(jsonBytes, jsonBytesOfOne);
  const parser = (limit: number): RequestHandler => express.json({ limit, inflate: false });
  const [small, large] = [parser(MAX_STRANGER_BYTES), parser(MAX_JSON_BYTES)];

  return async (request, response, next) => {
    if (request.is('application/json') === false) return next();
    const { 'content-length': length, authorization, cookie } = request.headers;
    const bytes = Number(length ?? 0);
    if (bytes <= MAX_STRANGER_BYTES) return small(request, response, next);
    const limit = authorization === undefined && cookie === undefined ? MAX_STRANGER_BYTES : MAX_JSON_BYTES;
    if (bytes > limit) {
      // Not waited for, so the connection ends with the answer.
      response.set('connection', 'close');
      throw new FederationError('TOO_LARGE', `The body has more than ${limit} bytes.`);
    }
    const giveBack = budget.take(await whoAsks(context, request), bytes);
    // Whoever hung up while the token was looked up is told nothing any more.
    if (response.closed) giveBack();
    else response.once('close', giveBack);
    return large(request, response, next);
  };
}
