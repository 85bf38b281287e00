/** What a catalogue says of a class: somebody looked for boxes of it, or a label calls it present or absent. */
export const BOX = { supervision: 'box' };
export const PRESENT = { supervision: 'image', present: 1 };
export const ABSENT = { supervision: 'image', present: 0 };
