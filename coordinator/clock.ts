/** Milliseconds since 1970, as one part of the coordinator wants them counted. */
export interface Clock {
  readonly now: () => number;
}

/** How fast the steady clock follows a wall clock that was moved: a second is made up for in a hundred. */
const SLEW = 0.01;

/**
 * The time that rounds are run by: never goes back and never jumps, so that a wall clock that is set while a round waits
 * neither closes it nor keeps it open. It follows the wall clock slowly, as a time daemon does.
 * @param wall     the machine's clock, which people and daemons move
 * @param monotone time since some start, which nobody moves
 */
export function steadyClock(
  wall: () => number = () => Date.now(),
  monotone: () => number = () => performance.now(),
): Clock {
  let shown = wall();
  let counted = monotone();
  return {
    now() {
      const at = monotone();
      const passed = Math.max(0, at - counted);
      counted = at;
      shown += passed;
      const wrong = wall() - shown;
      shown += Math.sign(wrong) * Math.min(Math.abs(wrong), passed * SLEW);
      return shown;
    },
  };
}
