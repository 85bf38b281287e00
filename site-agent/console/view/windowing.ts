/**
 * Which grey values of a film lie between black and white on the screen: linear, as DICOM's VOI window (PS3.3 C.11.2), in the
 * film's own values.
 */
export interface GreyWindow {
  readonly centre: number;
  /** Above 0: from black to white. */
  readonly width: number;
}

/** A drag over so many pixels moves the window by the width that it began with. */
const PIXELS_PER_WIDTH = 300;

/** The window that shows `low` black and `high` white. */
export function windowBetween(low: number, high: number): GreyWindow {
  return { centre: (low + high) / 2, width: Math.max(1, high - low) };
}

/**
 * As radiologists know it: to the right widens the window (less contrast), downwards raises its centre (darker).
 * @param from the window when the drag began, `first` the film's first one, which sets the pace
 */
export function dragWindow(from: GreyWindow, first: GreyWindow, dx: number, dy: number): GreyWindow {
  const pace = first.width / PIXELS_PER_WIDTH;
  return { centre: from.centre + dy * pace, width: Math.max(1, from.width + dx * pace) };
}

/**
 * Screen grey of every film value.
 * @param levels number of film values, 256 or 65,536
 * @returns [levels] of 0xff_BB_GG_RR, as an ImageData's words are on little-endian machines
 */
export function greyTable({ centre, width }: GreyWindow, inverted: boolean, levels: number): Uint32Array {
  const table = new Uint32Array(levels);
  const black = centre - width / 2;
  for (let value = 0; value < levels; value++) {
    const share = Math.min(1, Math.max(0, (value - black) / width));
    const grey = Math.round(255 * (inverted ? 1 - share : share));
    table[value] = 0xff000000 + grey * 0x010101;
  }
  return table;
}
