import type { CensusWarning, ConsortiumCensus } from '@fedoxnet/shared/protocol/census-messages';
import type { Census, ClassCensus, SplitCensus } from '@fedoxnet/shared/study/census';
import { fields, isFlag, isNumber, isText, keyOf, listOf, orNull, type Guard } from './guard.js';

const count = orNull(isNumber);
const counts = listOf(count);

const isSplit = fields<SplitCensus>({
  films: count,
  classes: listOf(
    fields<ClassCensus>({
      class: isText,
      mapped: isFlag,
      boxPresent: count,
      boxAbsent: count,
      imagePresent: count,
      imageAbsent: count,
      none: count,
    }),
  ),
  tables: fields<SplitCensus['tables']>({
    view: counts,
    sex: counts,
    age: counts,
    longSide: counts,
    meanGrey: counts,
  }),
});

const isOne: Guard<1> = (value): value is 1 => value === 1;
const isCensus = fields<Census>({ version: isOne, suppressBelow: isNumber, train: isSplit, val: isSplit });

const WARNING_KINDS: Record<CensusWarning['kind'], true> = {
  unboxed: true,
  unlabelled: true,
  unmapped: true,
  prevalence: true,
};

export const isConsortiumCensus: Guard<ConsortiumCensus> = fields<ConsortiumCensus>({
  study: isText,
  classes: listOf(isText),
  sites: listOf(
    fields<ConsortiumCensus['sites'][number]>({
      site: isText,
      census: orNull(isCensus),
      receivedAt: orNull(isText),
    }),
  ),
  warnings: listOf(
    fields<CensusWarning>({ kind: keyOf(WARNING_KINDS), class: isText, sites: listOf(isText), text: isText }),
  ),
});
