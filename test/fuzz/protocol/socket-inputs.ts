import type { z } from 'zod';
import { roundFailure, roundProgress, siteDescription } from '@fedoxnet/shared/protocol/socket-messages';
import { STUDY } from './besieged-study.js';

export const WORK = { study: STUDY, round: 1, attempt: 1 };
const films = { train: 30, val: 10, box: 10, image: 10, none: 10 };
/** What a site sends, with messages of its work in round 1. */
export const EVENTS: readonly {
  readonly name: string;
  readonly schema: z.ZodType;
  readonly example: object;
}[] = [
  {
    name: 'site:describe',
    schema: siteDescription,
    example: { agent: 'fedoxnet-site 1', backend: 'cpu', films },
  },
  {
    name: 'round:progress',
    schema: roundProgress,
    example: {
      ...{ ...WORK, phase: 'train', step: 1, steps: 9, losses: { focal: 0.5 } },
      ...{ filmsPerSecond: 3.5, bytesSent: 0, bytesReceived: 9 },
    },
  },
  {
    name: 'round:failed',
    schema: roundFailure,
    // Of a round that never was, whatever part of it is copied over another: a genuine failure would end the site's work.
    example: { study: STUDY, round: 9, attempt: 7, code: 'TRAINER_DIED', message: 'It died.' },
  },
];

/** What no client library sends: broken packets, packets for rooms that were never entered, attachments that never come. */
export const PACKETS = [
  ...[
    '',
    '4',
    '40',
    '42',
    '49',
    '5',
    '99',
    '40/sites',
    '40/sites,',
    '40/sites,{',
    '40/sites,[]',
    '40/sites,null',
  ],
  ...[
    '41',
    '41/sites,',
    '42[]',
    '42["x"]',
    '42/sites,["round:progress",{}]',
    '42/sites,0["round:failed",null]',
  ],
  ...['43/sites,1[]', '43/sites,[1]', '44/sites,{}', '44{"message":"x"}', '45', '451-', '451-["x"]'],
  ...[
    '451-/sites,["x",{"_placeholder":true,"num":0}]',
    '4599999999-["x"]',
    '46/sites,1-[]',
    '461-["x"]',
    '47',
  ],
  ...[
    '42/sites,999999999999999999999["x"]',
    '42/__proto__,["x"]',
    '40/dashboard,{"token":[]}',
    '2',
    '3',
    '6',
  ],
  ...[
    `40/${'a'.repeat(1000)},`,
    `42["${'x'.repeat(100_000)}"]`,
    '4\u0000',
    '40/sites,{"token":"x","protocol":1}',
  ],
];
