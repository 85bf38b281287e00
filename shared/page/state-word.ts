/** What a state means to a reader at a glance; a colour never stands alone, the word is always beside it. */
export type Tone = 'good' | 'busy' | 'waiting' | 'bad';

export interface StateWord {
  readonly text: string;
  readonly tone: Tone;
}
