import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Router, type Request } from 'express';
import { z } from 'zod';
import { FederationError } from '@fedoxnet/shared/errors';
import { shortName } from '@fedoxnet/shared/ids';
import { CHUNK_BYTES, MAX_CHUNKS } from '@fedoxnet/shared/protocol/limits';
import { parseMessage } from '@fedoxnet/shared/protocol/parse';
import { writeAuditFile } from '../audit/audit-file.js';
import type { CoordinatorContext } from '../context.js';
import { firstSignKey } from '../keys/key-ring.js';
import { readRelease } from '../releases/read-release.js';
import { inviteSite } from '../sites/invite-site.js';
import { revokeSite } from '../sites/revoke-site.js';
import { createStudy } from '../studies/create-study.js';
import { setInitialModel } from '../studies/set-initial-model.js';
import { nameIn, numberIn, studyIn } from './parameters.js';
import { requireActor } from './who-asks.js';

const invitationRequest = z.strictObject({ site: shortName });
const studyRequest = z.strictObject({ plan: z.unknown() });
const ORDERS = { start: 'started', pause: 'paused', resume: 'resumed', cancel: 'cancelled' } as const;
const MAX_MODEL_BYTES = CHUNK_BYTES * MAX_CHUNKS;

/** Passes bytes on until there are too many. */
function bounded(limit: number): Transform {
  let bytes = 0;
  return new Transform({
    transform(piece: Buffer, _encoding, done) {
      bytes += piece.length;
      if (bytes <= limit) done(null, piece);
      else done(new FederationError('TOO_LARGE', `The model has more than ${limit} bytes.`));
    },
  });
}

/** What people do to a consortium. Each path says which permission it takes. */
export function adminRoutes(context: CoordinatorContext): Router {
  const router = Router();
  const { database, engine } = context;

  router.post('/invitations', async (request, response) => {
    const actor = await requireActor(context, request, 'sites');
    const { site } = parseMessage(invitationRequest, request.body, 'invitation');
    response.json(await inviteSite(context, site, actor));
  });
  router.get('/sites', async (request, response) => {
    await requireActor(context, request, 'roster');
    const sites = await database.stores.sites.all();
    response.json({
      sites: sites.map(({ name, signKey, enrolledAt, revokedAt, description }) => ({
        site: name,
        signKey,
        enrolledAt: enrolledAt.toISOString(),
        revokedAt: revokedAt?.toISOString() ?? null,
        connected: context.isConnected(name),
        description,
      })),
    });
  });
  router.post('/sites/:site/revoke', async (request, response) => {
    const actor = await requireActor(context, request, 'sites');
    await revokeSite(context, nameIn(request, 'site'), actor);
    response.json({});
  });
  router.post('/studies', async (request, response) => {
    const actor = await requireActor(context, request, 'define');
    const { plan } = parseMessage(studyRequest, request.body, 'study');
    response.json(await createStudy(context, plan, actor));
  });
  router.put('/studies/:study/model', async (request, response) => {
    const actor = await requireActor(context, request, 'define');
    const study = await studyIn(context, request);
    const file = await spool(context, request);
    try {
      response.json(await setInitialModel(context, study, file, actor));
    } finally {
      await rm(file, { force: true });
    }
  });
  router.post('/studies/:study/:order', async (request, response) => {
    const actor = await requireActor(context, request, 'run');
    const { name } = await studyIn(context, request);
    const order = nameIn(request, 'order');
    if (!(order in ORDERS)) throw new FederationError('NOT_FOUND', `There is no order ${order}.`);
    await engine.order(name, ORDERS[order as keyof typeof ORDERS], actor);
    response.json({});
  });
  router.get('/studies/:study/releases/:release/model', async (request, response) => {
    const actor = await requireActor(context, request, 'export');
    const study = await studyIn(context, request);
    const number = numberIn(request, 'release');
    const release = await database.stores.studies.findRelease(study.name, number);
    if (release === null)
      throw new FederationError('NOT_FOUND', `Study ${study.name} has no release ${number}.`);
    const { digest } = release.header;
    // First, so that no model leaves without an entry; whoever breaks off has one too.
    await database.transaction(({ audit }) =>
      audit.append(context.now(), 'export', { study: study.name, release: number, digest, by: actor.name }),
    );
    response.type('application/octet-stream');
    response.set('content-length', String(release.header.bytes));
    response.set('digest', `sha-256=${Buffer.from(digest, 'hex').toString('base64')}`);
    response.attachment(`${study.name}-${number}.safetensors`);
    await pipeline(Readable.from(readRelease(release, context.keys, context.blobs)), response);
  });
  router.get('/audit', async (request, response) => {
    await requireActor(context, request, 'audit');
    response.json(await database.stores.audit.verify(firstSignKey(context.keys)));
  });
  router.get('/audit/file', async (request, response) => {
    await requireActor(context, request, 'audit');
    const { keys } = context;
    const signer = { firstSignKey: firstSignKey(keys), secretKey: keys.sign.secretKey };
    const lines = writeAuditFile(database.stores.audit.entries(), signer, context.now());
    response.type('application/x-ndjson').attachment('audit.jsonl');
    await pipeline(Readable.from(lines), response);
  });
  return router;
}

/** Writes the body to a file, because a model is read twice: for its digest, then to seal it. The caller removes it. */
async function spool({ scratch }: CoordinatorContext, request: Request): Promise<string> {
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  const file = join(scratch, randomUUID());
  try {
    await pipeline(request, bounded(MAX_MODEL_BYTES), createWriteStream(file, { mode: 0o600 }));
    return file;
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
}
