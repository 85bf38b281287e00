/**
 * Colours told apart on grey films by people with any colour vision: after Okabe and Ito (2008), lightened for a dark
 * ground. Classes beyond the tenth start again.
 */
const PALETTE = [
  '#ffb000',
  '#56b4e9',
  '#2fd39a',
  '#ff7f6e',
  '#d79ad0',
  '#f0e442',
  '#8ea2ff',
  '#9be15d',
  '#ff9ecb',
  '#5fe0e6',
] as const;

/** The colour of class `index`, the same in every picture of a study. */
export function classColour(index: number): string {
  return PALETTE[index % PALETTE.length] as string;
}

/** The colour of a class by its name; of one that is not in the list the first. */
export function classColourOf(name: string, classes: readonly string[]): string {
  return classColour(Math.max(0, classes.indexOf(name)));
}
