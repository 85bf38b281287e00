/** A film as it is meant to be seen: 0 black … 255 white, row-major, [height · width]. */
export interface GreyPlane {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}
