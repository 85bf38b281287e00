import type { StudyStatus } from '@fedoxnet/shared/protocol/status';
import { shortHash } from '../view/page/numbers.js';
import { STUDY_WORDS } from '../view/state-words.js';
import { noticeTexts, phaseSteps, roundOfRounds, studyFigures } from '../view/study-summary.js';
import { byId, element, setText } from './page/element.js';

/** Title, state, round n of m, plan, the phases of the current round, and the figures below them. */
export function showStudyHead(status: StudyStatus): void {
  const word = STUDY_WORDS[status.state];
  const title = status.title === '' ? status.study : status.title;
  setText(byId('study-title'), title);
  setText(byId('study-state'), word.text);
  byId('study-state').dataset['tone'] = word.tone;
  setText(byId('study-round'), roundOfRounds(status));
  setText(byId('study-id'), status.study);
  setText(byId('study-plan'), shortHash(status.planHash));
  byId('study-plan').title = status.planHash;
  setText(byId('study-classes'), `${status.classes.length} classes: ${status.classes.join(', ')}`);
  byId('study-reason').hidden = status.reason === null;
  setText(byId('study-reason'), status.reason ?? '');
  byId('study-notices').hidden = status.notices.length === 0;
  byId('study-notices').replaceChildren(...noticeTexts(status).map((text) => element('li', {}, text)));
  document.title = `${roundOfRounds(status)} · ${title} · fedoxnet`;
  showPhases(status);
  byId('figures').replaceChildren(
    ...studyFigures(status).map(({ name, value, note }) =>
      element('div', {}, element('dt', {}, name), element('dd', {}, value), element('dd', {}, note)),
    ),
  );
}

function showPhases(status: StudyStatus): void {
  byId('phases').hidden = status.history.length === 0;
  byId('phases').replaceChildren(
    ...phaseSteps(status).map(({ name, place, seconds }) =>
      element(
        'li',
        { 'data-place': place, ...(place === 'now' ? { 'aria-current': 'step' } : {}) },
        name,
        element('span', {}, seconds),
      ),
    ),
  );
}
