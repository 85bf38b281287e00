import type { PlanReview, PlansReply } from '../messages.js';
import { formatTime } from '../view/format.js';
import { PLAN_WORDS } from '../view/plan-states.js';
import { askFirst } from './ask-first.js';
import { byId, element, setText } from './page/element.js';
import { getJson, postJson } from './requests.js';
import type { View } from './view.js';

/** The plans that wait for this site's word, in plain words, and those that had it. */
export class PlansView implements View {
  readonly #onError: (error: unknown) => void;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  async show(): Promise<void> {
    this.#draw(await getJson<PlansReply>('plans'));
  }

  #draw({ plans, offline }: PlansReply): void {
    byId('plans-offline').hidden = offline === null;
    setText(byId('plans-offline'), `Only what is known here: ${offline ?? ''}`);
    byId('plans-none').hidden = plans.length > 0;
    byId('plan-list').replaceChildren(...plans.map((plan) => this.#cardOf(plan)));
  }

  #cardOf(review: PlanReview): HTMLElement {
    const { study, hash, state, at, words, plan } = review;
    const { text, tone } = PLAN_WORDS[state];
    const when = at === null ? '' : `${at.slice(0, 10)} ${formatTime(at)}`;
    const button = (label: string, kind: string, act: () => Promise<void>): HTMLElement => {
      const made = element('button', { type: 'button', class: kind }, label);
      made.addEventListener('click', () => void act().catch(this.#onError));
      return made;
    };
    const sentences = (words ?? []).flatMap(({ name, text: said }) => [
      element('dt', {}, name),
      element('dd', {}, said),
    ]);
    return element(
      'li',
      { class: 'card plan', 'data-plan': hash },
      element(
        'div',
        { class: 'card-head' },
        element('h2', {}, study),
        element('span', { class: 'word', 'data-tone': tone }, text),
        element('span', { class: 'hint' }, when),
      ),
      ...(words === null
        ? [element('p', { class: 'hint' }, 'Its words come from the coordinator, which does not answer.')]
        : [element('dl', { class: 'sentences' }, ...sentences)]),
      element('p', { class: 'hash' }, 'Plan ', element('code', {}, hash)),
      ...(plan === null
        ? []
        : [
            element(
              'details',
              {},
              element('summary', {}, 'The whole plan, as it is computed'),
              element('pre', { tabindex: '0' }, JSON.stringify(plan, null, 2)),
            ),
          ]),
      element(
        'p',
        { class: 'actions' },
        ...(state === 'waiting' || state === 'refused'
          ? [button('Approve this plan', '', () => this.#approve(review))]
          : []),
        ...(state === 'waiting' ? [button('Refuse it', 'quiet', () => this.#refuse(review))] : []),
        ...(state === 'approved'
          ? [button('Withdraw the approval', 'quiet', () => this.#refuse(review))]
          : []),
      ),
    );
  }

  async #approve({ study, hash }: PlanReview): Promise<void> {
    const text = `This site will train for ${study} exactly what the plan with this hash says, and nothing else: ${hash}`;
    if (!(await askFirst('Approve this plan?', text, 'Approve'))) return;
    this.#draw(await postJson<PlansReply>('plans/approve', { hash }));
  }

  async #refuse({ study, hash }: PlanReview): Promise<void> {
    const text = `Nothing is computed for ${study} by this plan from now on, and work on it stops within seconds: ${hash}`;
    if (!(await askFirst('Refuse this plan?', text, 'Refuse'))) return;
    this.#draw(await postJson<PlansReply>('plans/refuse', { hash }));
  }
}
