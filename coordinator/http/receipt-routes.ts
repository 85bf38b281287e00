import { Router } from 'express';
import type { z } from 'zod';
import { parseMessage } from '@fedoxnet/shared/protocol/parse';
import {
  countersignRequest,
  MAX_AWAITING,
  receiptsQuery,
  type awaitingReceipts,
  type ReceiptFile,
} from '@fedoxnet/shared/receipts/receipt';
import { publicKeysOf } from '@fedoxnet/shared/sealing/keys';
import type { CoordinatorContext } from '../context.js';
import { countersignReceipt } from '../receipts/countersign-receipt.js';
import { numberIn, studyIn } from './parameters.js';
import { requireActor, requireSite } from './who-asks.js';

/** Receipts of rounds: for sites that countersign them, and for whoever takes a model away. PROTOCOL.md §3.8. */
export function receiptRoutes(context: CoordinatorContext): Router {
  const router = Router();
  const { stores } = context.database;

  router.get('/sites/receipts', async (request, response) => {
    const site = await requireSite(context, request);
    const { after } = parseMessage(receiptsQuery, request.query, 'receipts query');
    const [study = '', round] = after?.split('/') ?? [];
    const place = after === undefined ? null : { study, round: Number(round) };
    const found = await stores.receipts.awaiting(site.name, MAX_AWAITING + 1, place);
    const reply: z.infer<typeof awaitingReceipts> = {
      receipts: found.slice(0, MAX_AWAITING),
      more: found.length > MAX_AWAITING,
    };
    response.json(reply);
  });
  router.post('/studies/:study/rounds/:round/countersignature', async (request, response) => {
    const site = await requireSite(context, request);
    const { signature } = parseMessage(countersignRequest, request.body, 'countersignature');
    const { name: study } = await studyIn(context, request);
    await countersignReceipt(context, site, { study, round: numberIn(request, 'round'), signature });
    response.json({});
  });
  router.get('/admin/studies/:study/receipts', async (request, response) => {
    await requireActor(context, request, 'look');
    const { name: study } = await studyIn(context, request);
    const reply: ReceiptFile = {
      format: 'fedoxnet receipts',
      version: 2,
      study,
      signKey: publicKeysOf(context.keys).signKey,
      succession: [...context.keys.succession],
      receipts: await stores.receipts.all(study),
    };
    response.json(reply);
  });
  return router;
}
