const KIB = 1024;

/**
 * How much one transfer may hold in memory. All transfers share a few megabytes: one alone moves large pieces, which cost
 * least; a thousand at once move small ones, and memory stays where it is.
 */
export class PieceBudget {
  static readonly LEAST = 64 * KIB;
  static readonly MOST = 256 * KIB;
  #active = 0;

  /** @param total bytes that all transfers share */
  constructor(private readonly total = 8 * KIB * KIB) {}

  /** Bytes for each of the transfers that are under way. */
  get share(): number {
    const share = Math.floor(this.total / Math.max(1, this.#active));
    return Math.min(PieceBudget.MOST, Math.max(PieceBudget.LEAST, share));
  }

  /** A transfer begins. @returns how it ends; calling it again does nothing */
  begin(): () => void {
    this.#active += 1;
    let open = true;
    return () => {
      if (open) this.#active -= 1;
      open = false;
    };
  }
}
