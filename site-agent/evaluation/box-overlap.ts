/** A rectangle by its upper left corner and size, in any one unit. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Intersection over union, 0 … 1. Edges are lines, not pixels: a box from 0 to 10 is 10 wide. */
export function intersectionOverUnion(a: Rectangle, b: Rectangle): number {
  const both = intersection(a, b);
  return both === 0 ? 0 : both / (a.width * a.height + b.width * b.height - both);
}

/**
 * The share of `box` that lies in `region`, 0 … 1: COCO's overlap with a crowd region, in which one box of many is as good
 * as all of them (cocoapi `maskUtils.iou`, iscrowd).
 */
export function shareInside(box: Rectangle, region: Rectangle): number {
  const both = intersection(box, region);
  return both === 0 ? 0 : both / (box.width * box.height);
}

function intersection(a: Rectangle, b: Rectangle): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return width <= 0 || height <= 0 ? 0 : width * height;
}
