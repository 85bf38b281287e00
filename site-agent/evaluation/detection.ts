/** One lesion the model sees, in pixels of the original film. */
export interface Detection {
  /** The film's id in the catalogue. */
  readonly film: string;
  readonly class: string;
  /** 0 … 1, after the sigmoid. */
  readonly score: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
