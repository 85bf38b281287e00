import { byId, element, setText } from './page/element.js';
import { LiveLink, type LinkState } from './live-link.js';
import { Entrance } from './entrance.js';
import type { Person } from './person.js';
import type { Credential } from './requests.js';
import { Studies } from './studies.js';
import { StudyView } from './study-view.js';

/** Wires the page: entrance → link → studies → view. */
const LINK_WORDS: Record<LinkState, { text: string; tone: string }> = {
  connecting: { text: 'Connecting', tone: 'waiting' },
  live: { text: 'Live', tone: 'good' },
  polling: { text: 'Every 5 seconds', tone: 'good' },
  lost: { text: 'Disconnected', tone: 'bad' },
};
const NO_STUDY = 'No study yet. It appears here when the operator creates one.';

const studies = new Studies();
const view = new StudyView();
const entrance = new Entrance(open);
let link: LiveLink | null = null;
let shownTo: Credential = null;
let requested = false;

function open(credential: Credential, person: Person | null): void {
  shownTo = credential;
  byId('sign-out').hidden = false;
  setText(byId('who'), person === null ? '' : `${person.name}, ${person.role}`);
  showMessage('Connecting to the coordinator…');
  link = new LiveLink(credential, {
    state: showLink,
    refused: (reason) => leave(reason),
    noStudy() {
      if (studies.shown === null) showMessage(NO_STUDY);
    },
    status(status) {
      studies.put(status);
      requestShow();
    },
    census(census) {
      studies.putCensus(census);
      requestShow();
    },
    progress(progress) {
      studies.advance(progress);
      requestShow();
    },
  });
}

function leave(reason: string | null): void {
  link?.close();
  link = null;
  studies.clear();
  byId('study').hidden = true;
  byId('study-choice').hidden = true;
  byId('sign-out').hidden = true;
  byId('banner').hidden = true;
  showMessage(null);
  setText(byId('link'), '');
  setText(byId('who'), '');
  document.title = 'Sign in · fedoxnet';
  void entrance.leave(shownTo, reason);
}

function showLink(state: LinkState): void {
  const { text, tone } = LINK_WORDS[state];
  byId('link').dataset['tone'] = tone;
  setText(byId('link'), text);
  const wasLost = !byId('banner').hidden;
  byId('banner').hidden = state !== 'lost';
  if (state === 'lost' && !wasLost) {
    const time = new Date().toLocaleTimeString('en-GB');
    setText(
      byId('banner'),
      `The coordinator does not answer since ${time}. This page goes on trying by itself.`,
    );
  }
}

/** Many reports may come between two frames: the page is shown once for all of them. */
function requestShow(): void {
  if (requested) return;
  requested = true;
  requestAnimationFrame(() => {
    requested = false;
    show();
  });
}

function show(): void {
  const status = studies.shown;
  if (link === null || status === null) return;
  showMessage(null);
  byId('study').hidden = false;
  showChoice(status.study);
  view.show(status, studies.censusOf(status.study));
}

function showChoice(shown: string): void {
  const select = byId<HTMLSelectElement>('study-select');
  const { names } = studies;
  byId('study-choice').hidden = names.length < 2;
  if (names.join('\n') !== [...select.options].map((option) => option.value).join('\n')) {
    select.replaceChildren(...names.map((name) => element('option', { value: name }, name)));
  }
  select.value = shown;
}

function showMessage(text: string | null): void {
  byId('message').hidden = text === null;
  setText(byId('message'), text ?? '');
}

byId('study-select').addEventListener('change', (event) => {
  studies.choose((event.target as HTMLSelectElement).value);
  requestShow();
});
byId('sign-out').addEventListener('click', () => leave(null));

document.title = 'Sign in · fedoxnet';
void entrance.enter();
