import type { z } from 'zod';
import { censusRequest } from '@fedoxnet/shared/protocol/census-messages';
import {
  approvalRequest,
  challengeReply,
  challengeRequest,
  enrolReply,
  enrolRequest,
  evaluationRequest,
  hello,
  planReply,
  refusal,
  releaseGrant,
  rotationRequest,
  sessionReply,
  sessionRequest,
  siteStudies,
  uploadReceipt,
  uploadRequest,
  uploadState,
} from '@fedoxnet/shared/protocol/http-messages';
import {
  evaluationInvitation,
  invitationReply,
  roundClosed,
  roundFailure,
  roundInvitation,
  roundProgress,
  siteDescription,
  studyEnded,
} from '@fedoxnet/shared/protocol/socket-messages';
import {
  awaitingReceipts,
  countersignRequest,
  receiptFile,
  receiptsQuery,
} from '@fedoxnet/shared/receipts/receipt';
import { samplePlan } from '../../shared/study/sample-plan.js';
import { readVector } from '../../shared/python-peer.js';

const base64 = (bytes: number): string => Buffer.alloc(bytes, 7).toString('base64');
const hash = 'a1'.repeat(32);
const keys = { signKey: base64(32), boxKey: base64(32) };
const signature = base64(64);
const place = { study: 'chest-1', round: 3, attempt: 1 };
const common = {
  version: 1,
  study: 'chest-1',
  planHash: hash,
  digest: hash,
  bytes: 1000,
  chunks: 1,
  noncePrefix: base64(7),
};
const sealedKey = { ephemeralKey: base64(32), sealedKey: base64(48) };
const masses = { films: 3, positives: 5, classRows: [1, 2], globalRows: [3, 0], prototypeRows: [0.5, 0] };
const films = { train: 3, val: 1, box: 1, image: 1, none: 1 };
const report = {
  films: 4,
  images: [
    {
      ...{ class: 'Mass', positives: 3, negatives: 1 },
      global: { positive: [[600, 3]], negative: [[400, 1]] },
      local: {
        positive: [
          [100, 1],
          [300, 2],
        ],
        negative: [[200, 1]],
      },
    },
  ],
  withheld: { suppressBelow: 1, detections: ['Nodule'], images: ['Nodule'] },
  classes: [
    {
      ...{ class: 'Mass', films: 4, truths: 3 },
      byIou: [
        { iou: 0.4, matched: [[900, 2]], unmatched: [[100, 4]] },
        {
          iou: 0.5,
          matched: [[900, 1]],
          unmatched: [
            [100, 4],
            [900, 1],
          ],
        },
      ],
    },
  ],
};
const receipt = {
  ...{ version: 2, ...place, planHash: hash, base: hash, release: hash },
  counted: [{ site: 'hospital-a', signKey: base64(32), update: hash, round: 3, attempt: 1, base: hash }],
};
const update = {
  kind: 'update',
  ...common,
  ...sealedKey,
  site: 'hospital-a',
  round: 3,
  attempt: 1,
  base: hash,
  encoding: 'fp32',
  masses,
};
const { good } = readVector('census.json') as { good: { message: unknown }[] };

/** Every message of the protocol with its parser and one example that it takes. */
export const MESSAGES: readonly {
  readonly name: string;
  readonly schema: z.ZodType;
  readonly example: unknown;
}[] = [
  { name: 'hello', schema: hello, example: { protocol: 1, coordinator: keys } },
  {
    name: 'enrolRequest',
    schema: enrolRequest,
    example: { protocol: 1, invitation: 'x'.repeat(43), site: 'hospital-a', keys, signature },
  },
  { name: 'enrolReply', schema: enrolReply, example: { site: 'hospital-a', coordinator: keys } },
  { name: 'challengeRequest', schema: challengeRequest, example: { protocol: 1, site: 'hospital-a' } },
  { name: 'challengeReply', schema: challengeReply, example: { challenge: base64(32) } },
  {
    name: 'sessionRequest',
    schema: sessionRequest,
    example: { site: 'hospital-a', challenge: base64(32), nonce: base64(32), signature },
  },
  {
    name: 'sessionReply',
    schema: sessionReply,
    example: { token: 'x'.repeat(43), expiresAt: '2026-01-02T03:04:05.678Z', signature },
  },
  {
    name: 'rotationRequest',
    schema: rotationRequest,
    example: { keys, oldSignature: signature, newSignature: signature },
  },
  {
    name: 'siteStudies',
    schema: siteStudies,
    example: { studies: [{ study: 'chest-1', hash, state: 'running', approved: true }] },
  },
  { name: 'planReply', schema: planReply, example: { plan: samplePlan, hash } },
  { name: 'approvalRequest', schema: approvalRequest, example: { hash, signature } },
  { name: 'uploadRequest', schema: uploadRequest, example: { header: update, signature } },
  {
    name: 'uploadState',
    schema: uploadState,
    example: { id: 'u1', chunks: 3, received: [0, 2], complete: false },
  },
  { name: 'uploadReceipt', schema: uploadReceipt, example: { id: 'u1', digest: hash, accepted: true } },
  {
    name: 'releaseGrant',
    schema: releaseGrant,
    example: { header: { kind: 'release', ...common, release: 2 }, signature, key: sealedKey },
  },
  { name: 'evaluationRequest', schema: evaluationRequest, example: { release: 3, digest: hash, report } },
  ...good.map(({ message }) => ({ name: 'censusRequest', schema: censusRequest, example: message })),
  { name: 'refusal', schema: refusal, example: { error: { code: 'USAGE', message: 'No.', help: 'Do.' } } },
  {
    name: 'awaitingReceipts',
    schema: awaitingReceipts,
    example: { receipts: [{ receipt, signature }], more: false },
  },
  { name: 'receiptsQuery', schema: receiptsQuery, example: { after: 'chest-1/12' } },
  { name: 'countersignRequest', schema: countersignRequest, example: { signature } },
  {
    name: 'receiptFile',
    schema: receiptFile,
    example: {
      ...{ format: 'fedoxnet receipts', version: 2, study: 'chest-1', signKey: base64(32) },
      receipts: [{ receipt, signature, countersignatures: [{ site: 'hospital-a', signature }] }],
    },
  },
  {
    name: 'roundInvitation',
    schema: roundInvitation,
    example: { ...place, planHash: hash, release: 2, digest: hash, deadline: '2026-01-02T03:04:05.678Z' },
  },
  {
    name: 'invitationReply',
    schema: invitationReply,
    example: { accepted: false, code: 'FORBIDDEN', message: 'No.' },
  },
  {
    name: 'evaluationInvitation',
    schema: evaluationInvitation,
    example: { ...place, release: 3, digest: hash },
  },
  {
    name: 'roundProgress',
    schema: roundProgress,
    example: {
      ...{ ...place, phase: 'train', step: 1, steps: 9, losses: { focal: 0.5 } },
      ...{ filmsPerSecond: 3.5, bytesSent: 0, bytesReceived: 9 },
    },
  },
  {
    name: 'roundFailure',
    schema: roundFailure,
    example: { ...place, code: 'TRAINER_DIED', message: 'It died.' },
  },
  {
    name: 'siteDescription',
    schema: siteDescription,
    example: { agent: 'fedoxnet-site 1', backend: 'cpu', films },
  },
  {
    name: 'roundClosed',
    schema: roundClosed,
    example: { study: 'chest-1', round: 3, counted: ['hospital-a'] },
  },
  { name: 'studyEnded', schema: studyEnded, example: { study: 'chest-1', state: 'finished' } },
];
