import type { StateWord } from '@fedoxnet/shared/page/state-word';
import type { PlanReview } from '../messages.js';

export const PLAN_WORDS: Record<PlanReview['state'], StateWord> = {
  waiting: { text: 'Waits for your word', tone: 'busy' },
  approved: { text: 'Approved', tone: 'good' },
  refused: { text: 'Refused', tone: 'bad' },
  ended: { text: 'Study ended', tone: 'waiting' },
};
