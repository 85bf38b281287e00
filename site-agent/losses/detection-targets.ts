import { encodeBox } from '../model/box-codec.js';
import { IGNORED, intersectionOverUnion, matchAnchors, NEGATIVE_IOU } from './anchor-matching.js';
import type { FilmLabels } from './film-labels.js';
import { keepScores, type Hearing, type PseudoBoxes } from './pseudo-boxes.js';
import { isLabelledAbsent } from './film-labels.js';

/** What a detection loss compares the network with, as flat host arrays. B films, N anchors, K classes. */
export interface DetectionTargets {
  /** [B · N · K] y in 0 … 1. */
  readonly targets: Float32Array;
  /** [B · N · K] 0 where nothing is known or the anchor is ignored, else 1 / (max(1, positives of the film) · films). */
  readonly weights: Float32Array;
  /** [P] matched anchors, anchor n of film b as b · N + n. */
  readonly rows: Int32Array;
  /** [P · 4] box code of what they matched. */
  readonly codes: Float32Array;
  /** [P] 1 / (4 · positives of the film · films): mean over films of the mean over coordinates. */
  readonly rowWeights: Float32Array;
  /** [B] 1 where the film takes part. */
  readonly films: Uint8Array;
}

/**
 * Targets of the supervised losses (oxnet.md §2.1 with D8 and D14). A film takes part when the boxes of at least one class are
 * known on it, and only those classes count. A film read and found empty is all negative.
 * @param anchors [N · 4]
 * @returns null when no film of the batch has boxes of any class
 */
export function boxTargets(anchors: Float32Array, films: readonly FilmLabels[]): DetectionTargets | null {
  return buildTargets(
    anchors,
    films.map((film) => ({
      boxes: film.boxes,
      takesPart: film.boxKnown.includes(1),
      fill: ({ targets, weights, start, matched, weight }) => {
        const classes = film.boxKnown.length;
        for (let n = 0, i = start; n < matched.length; n++, i += classes) {
          if (matched[n] === IGNORED) continue;
          for (let c = 0; c < classes; c++) if (film.boxKnown[c]) weights[i + c] = weight;
          const box = matched[n]!;
          if (box >= 0) targets[i + film.boxClasses[box]!] = 1;
        }
      },
    })),
    { classes: films[0]?.boxKnown.length ?? 0, forceMatch: true },
  );
}

/** The teacher's word on one film. */
export interface TeacherView {
  /** [N · K] its scores, after the sigmoid. */
  readonly scores: Float32Array;
  readonly kept: PseudoBoxes;
  /** Boxes that one teacher sees and the other does not; none when left out. */
  readonly disputed?: PseudoBoxes;
}

/**
 * Targets of the soft focal loss and the pseudo-box regression (oxnet.md §2.4 with B2, D7). A film takes part when the
 * teacher kept a box on it, or when it is labelled as a whole for a class without boxes: else the image loss, which knows no
 * place, would be all that trains the class subnet there, and its scores would drift. Only (film, class) pairs whose
 * boxes are unknown count; y is the teacher's score, or what the plan makes of it, at every anchor that its boxes do
 * not leave ignored, and 0 for a class that the film's labels say is absent. Where a box is disputed nothing is known of
 * its class, neither lesion nor background.
 * @returns null when no film of the batch takes part
 */
export function teacherTargets(
  anchors: Float32Array,
  films: readonly FilmLabels[],
  teacher: readonly TeacherView[],
  hearing: Hearing,
): DetectionTargets | null {
  return buildTargets(
    anchors,
    films.map((film, b) => {
      const view = teacher[b]!;
      const { scores, kept } = view;
      const told = Array.from(keepScores(film, scores, hearing), (keep) =>
        scoreTeller(keep, hearing.temperature),
      );
      return {
        boxes: kept.boxes,
        takesPart: kept.classes.length > 0 || film.labelKnown.some((known, c) => known && !film.boxKnown[c]),
        fill: (block) => {
          const { targets, weights, start, matched, weight } = block;
          const classes = film.boxKnown.length;
          const absent = Uint8Array.from({ length: classes }, (_, c) => (isLabelledAbsent(film, c) ? 1 : 0));
          for (let n = 0; n < matched.length; n++) {
            if (matched[n] === IGNORED) continue;
            for (let c = 0, i = n * classes; c < classes; c++, i++) {
              if (film.boxKnown[c]) continue;
              weights[start + i] = weight;
              if (!absent[c]) targets[start + i] = told[c]!(scores[i]!);
            }
          }
          silenceDisputed(anchors, view, block, classes);
        },
      };
    }),
    { classes: films[0]?.boxKnown.length ?? 0, forceMatch: false },
  );
}

/** Takes the weight from anchors that a disputed box covers, unless they answer for a kept box of its class. */
function silenceDisputed(
  anchors: Float32Array,
  { kept, disputed }: TeacherView,
  { weights, start, matched }: TargetBlock,
  classes: number,
): void {
  disputed?.classes.forEach((c, row) => {
    for (let n = 0; n < matched.length; n++) {
      const answers = matched[n]! >= 0 && kept.classes[matched[n]!] === c;
      if (answers || intersectionOverUnion(anchors, n, disputed.boxes, row) < NEGATIVE_IOU) continue;
      weights[start + n * classes + c] = 0;
    }
  });
}

/**
 * What the student is told of a teacher's score y: y itself, or with a temperature T the sharpened score of the plan,
 *
 *   y′ = σ((logit y − logit k) / T) = 1 / (1 + ((1 − y) k / (y (1 − k)))^{1/T}),   k = keep
 *
 * A score of k becomes ½, what lies above nears 1 and what lies below nears 0. A focal loss leaves scores low; told as they
 * are, they keep the student's low as well.
 */
function scoreTeller(keep: number, temperature?: number): (score: number) => number {
  if (temperature === undefined) return (y) => y;
  const k = clamp(keep);
  const odds = k / (1 - k);
  return (score) => {
    const y = clamp(score);
    return 1 / (1 + (((1 - y) / y) * odds) ** (1 / temperature));
  };
}

/** As the paper clamps scores (oxnet.md §2.4). */
function clamp(score: number): number {
  return Math.min(1 - 1e-4, Math.max(1e-4, score));
}

interface FilmTargets {
  readonly boxes: Float32Array;
  readonly takesPart: boolean;
  fill(block: TargetBlock): void;
}

/** A film's part of targets and weights, to be written from `start` on. */
interface TargetBlock {
  readonly targets: Float32Array;
  readonly weights: Float32Array;
  readonly start: number;
  /** [N] as `AnchorMatches.box`. */
  readonly matched: Int32Array;
  /** Of each pair that counts. */
  readonly weight: number;
}

function buildTargets(
  anchors: Float32Array,
  films: readonly FilmTargets[],
  { classes, forceMatch }: { classes: number; forceMatch: boolean },
): DetectionTargets | null {
  const anchorCount = anchors.length / 4;
  const share = 1 / films.filter((film) => film.takesPart).length;
  if (!Number.isFinite(share)) return null;
  const targets = new Float32Array(films.length * anchorCount * classes);
  const weights = new Float32Array(targets.length);
  const rows: number[] = [];
  const codes: number[] = [];
  const rowWeights: number[] = [];
  const code = new Float32Array(4);
  films.forEach((film, b) => {
    if (!film.takesPart) return;
    const { box: matched, positives } = matchAnchors(anchors, film.boxes, { forceMatch });
    const weight = share / Math.max(1, positives);
    film.fill({ targets, weights, start: b * anchorCount * classes, matched, weight });
    matched.forEach((box, n) => {
      if (box < 0) return;
      encodeBox(anchors, n, film.boxes, box, code, 0);
      rows.push(b * anchorCount + n);
      codes.push(...code);
      rowWeights.push(weight / 4);
    });
  });
  return {
    targets,
    weights,
    rows: Int32Array.from(rows),
    codes: Float32Array.from(codes),
    rowWeights: Float32Array.from(rowWeights),
    films: Uint8Array.from(films, (film) => (film.takesPart ? 1 : 0)),
  };
}
