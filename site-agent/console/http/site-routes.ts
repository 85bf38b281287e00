import { Router } from 'express';
import { z } from 'zod';
import { sha256Hex } from '@fedoxnet/shared/ids';
import { parseMessage } from '@fedoxnet/shared/protocol/parse';
import { readMembership } from '../../agent/identity.js';
import { isDay, dayOf } from '../../ledger/ledger-day.js';
import { ledgerDays, readDay } from '../../ledger/day-record.js';
import { classColourOf } from '../../reports/class-colours.js';
import { censusOf } from '../census-view.js';
import type { ConsoleParts } from '../console-parts.js';
import type { LedgerReply, SiteReply } from '../messages.js';

const ledgerQuery = z.strictObject({ day: z.string().refine(isDay, 'is no day').optional() });
const planDecision = z.strictObject({ hash: sha256Hex });

/** The site and its part in studies: census, plans, ledger, training. */
export function siteRoutes({ home, data, index, plans, board, log }: ConsoleParts): Router {
  const router = Router();

  router.get('/site', async (_request, response) => {
    const member = await readMembership(home);
    const { source, classes } = await index.catalogue();
    const reply: SiteReply = {
      site: member?.site ?? null,
      coordinator: member?.address ?? null,
      agent: board !== null,
      source,
      classes: classes.map((name) => ({ name, colour: classColourOf(name, classes) })),
    };
    response.json(reply);
  });
  router.get('/census', async (_request, response) => {
    response.json(await censusOf(home, data, await index.catalogue()));
  });
  router.get('/plans', async (_request, response) => {
    response.json(await plans.list());
  });
  router.post('/plans/approve', async (request, response) => {
    const { hash } = parseMessage(planDecision, request.body, 'approval');
    await plans.approve(hash);
    log.info({ hash }, 'plan approved');
    response.json(await plans.list());
  });
  router.post('/plans/refuse', async (request, response) => {
    const { hash } = parseMessage(planDecision, request.body, 'refusal');
    await plans.refuse(hash);
    log.info({ hash }, 'plan refused');
    response.json(await plans.list());
  });
  router.get('/ledger', async (request, response) => {
    const today = dayOf(new Date());
    const { day = today } = parseMessage(ledgerQuery, request.query, 'ledger day');
    const reply: LedgerReply = { ...(await readDay(home, day)), days: await ledgerDays(home), today };
    response.json(reply);
  });
  router.get('/training', (_request, response) => {
    response.json(board?.view() ?? null);
  });
  return router;
}
