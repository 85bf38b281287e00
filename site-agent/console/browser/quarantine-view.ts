import type { QuarantineReply } from '../messages.js';
import { askFirst } from './ask-first.js';
import { FilmCanvas } from './film-canvas.js';
import { FilmGestures } from './film-gestures.js';
import { drawInside } from './film-list.js';
import { byId, element, setText } from './page/element.js';
import { getJson, getPicture, getPixels, postJson } from './requests.js';
import type { View } from './view.js';

type Quarantined = QuarantineReply['films'][number];

const REASON_WORDS: Record<Quarantined['findings'][number]['reason'], string> = {
  unreadable: 'Cannot be decoded',
  'time-limit': 'Decoding took too long',
  kind: 'Not a film for presentation',
  'not-a-chest': 'Not a chest?',
  'not-frontal': 'Not a frontal view?',
  turned: 'Turned?',
  inverted: 'Black and white exchanged?',
  'burned-in-text': 'Text in the picture?',
  duplicate: 'Duplicate',
  mislabelled: 'Label does not fit',
};

/** Films that were set aside: why, with their picture, and what a person decides. */
export class QuarantineView implements View {
  readonly #list = byId('quarantine-list');
  readonly #onError: (error: unknown) => void;
  readonly #film: FilmCanvas;
  #films: readonly Quarantined[] = [];

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
    this.#film = new FilmCanvas(byId<HTMLCanvasElement>('quarantine-film'), () => undefined);
    new FilmGestures(this.#film);
  }

  async show(): Promise<void> {
    const { films } = await getJson<QuarantineReply>('quarantine');
    this.#films = films;
    const count = films.length === 1 ? '1 film is set aside.' : `${films.length} films are set aside.`;
    setText(
      byId('quarantine-count'),
      films.length === 0 ? 'No film is set aside.' : `${count} None of them is trained on.`,
    );
    this.#list.replaceChildren(...films.map((film) => this.#cardOf(film)));
  }

  #cardOf(film: Quarantined): HTMLElement {
    const { id, findings, advice, releasable, twin } = film;
    const canvas = element('canvas', { width: '256', height: '256', 'aria-label': `Film ${id}` });
    const look = element('button', { type: 'button', class: 'picture', title: 'Look at it large' }, canvas);
    if (releasable) {
      getPicture(`quarantine/${id}/thumbnail`).then(
        (picture) => drawInside(canvas, picture),
        () => undefined,
      );
      look.addEventListener('click', () => void this.#look(id).catch(this.#onError));
    } else look.replaceChildren(element('span', {}, 'no picture'));
    const button = (text: string, act: () => Promise<void>, kind: string): HTMLButtonElement => {
      const made = element('button', { type: 'button', class: kind }, text);
      made.addEventListener('click', () => void act().catch(this.#onError));
      return made;
    };
    return element(
      'li',
      { 'data-film': id },
      look,
      element(
        'div',
        { class: 'quarantine-words' },
        element('h3', {}, id),
        ...findings.map(({ reason, detail }) =>
          element('p', {}, element('strong', {}, `${REASON_WORDS[reason]} `), detail),
        ),
        ...advice.map((text) => element('p', { class: 'hint' }, text)),
        ...(twin === null ? [] : [element('p', { class: 'hint' }, `The same pixels: ${twin}`)]),
        element(
          'p',
          { class: 'actions' },
          ...(releasable ? [button('Release into the films', () => this.#release(id), '')] : []),
          button('Discard', () => this.#discard(id), 'quiet'),
        ),
      ),
    );
  }

  async #look(id: string): Promise<void> {
    const pixels = await getPixels(`quarantine/${id}/pixels`);
    const dialog = byId<HTMLDialogElement>('quarantine-look');
    setText(byId('quarantine-look-title'), id);
    dialog.showModal();
    this.#film.show(pixels);
  }

  async #release(id: string): Promise<void> {
    const found = this.#films.find((film) => film.id === id)?.findings ?? [];
    const text = `The film ${id} goes into the catalogue and will be trained on. It was set aside for: ${found.map(({ reason }) => REASON_WORDS[reason]).join(', ')}`;
    if (!(await askFirst('Release this film?', text, 'Release'))) return;
    await postJson(`quarantine/${id}/release`);
    await this.show();
  }

  async #discard(id: string): Promise<void> {
    const text = `The copy of ${id} is deleted here, and a later import leaves it out. Your PACS keeps its own.`;
    if (!(await askFirst('Discard this film?', text, 'Discard'))) return;
    await postJson(`quarantine/${id}/discard`);
    await this.show();
  }
}
