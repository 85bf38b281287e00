/** Weight of the old prototype in each local update (oxnet.md §2.3). */
export const PROTOTYPE_DECAY = 0.7;

/**
 * The class prototypes of global prototype alignment, as explicit state. It lives on the host: a few thousand numbers,
 * written to a checkpoint as they are. A row of zeros in a model file means that no site has yet seen the class: a mean
 * of rectified features is never exactly zero.
 */
export class Prototypes {
  /** [K · D] P */
  readonly values: Float32Array;
  /** [K] 1 where the class has a prototype. */
  readonly known: Uint8Array;
  /** [K · D] Σ p F and [K] Σ p since the round began: what the site has to say about the global prototypes. */
  readonly weightedSums: Float32Array;
  readonly masses: Float32Array;

  constructor(
    readonly classes: number,
    readonly channels: number,
    values: Float32Array,
  ) {
    this.values = values.slice();
    this.known = new Uint8Array(classes);
    for (let c = 0; c < classes; c++) {
      if (values.subarray(c * channels, (c + 1) * channels).some((value) => value !== 0)) this.known[c] = 1;
    }
    this.weightedSums = new Float32Array(classes * channels);
    this.masses = new Float32Array(classes);
  }

  /**
   * P_c ← β P_c + (1 − β) Σ_k p_k F_k / Σ_k p_k over the films k known to hold class c; a class that none holds stays as it is,
   * and a first feature is taken over whole. Called after the loss was taken against the old values (D3). Plain
   * numbers come in, so nothing of the network is kept alive and no gradient passes.
   * @param features      [B · K · D] F
   * @param probabilities [B · K] p = σ(s), the film's own confidence
   * @param positive      [B · K] 1 where the class is known to be present
   */
  update(features: Float32Array, probabilities: Float32Array, positive: Uint8Array): void {
    const { classes, channels, values, known, weightedSums, masses } = this;
    const films = positive.length / classes;
    const mean = new Float32Array(channels);
    for (let c = 0; c < classes; c++) {
      mean.fill(0);
      let mass = 0;
      for (let b = 0; b < films; b++) {
        if (!positive[b * classes + c]) continue;
        const p = probabilities[b * classes + c]!;
        const start = (b * classes + c) * channels;
        mass += p;
        for (let d = 0; d < channels; d++) mean[d]! += p * features[start + d]!;
      }
      if (mass === 0) continue;
      const decay = known[c] ? PROTOTYPE_DECAY : 0;
      for (let d = 0, row = c * channels; d < channels; d++, row++) {
        weightedSums[row]! += mean[d]!;
        values[row] = decay * values[row]! + ((1 - decay) * mean[d]!) / mass;
      }
      masses[c]! += mass;
      known[c] = 1;
    }
  }

  /** Says nothing of a class to others: its mass becomes 0. What the site itself aligns with stays. */
  withhold(c: number): void {
    this.masses[c] = 0;
    this.weightedSums.fill(0, c * this.channels, (c + 1) * this.channels);
  }

  /**
   * The site's mean feature minus the global row, per class; zero where the site saw no positive film.
   * @param global [K · D] the prototypes the round began with
   */
  delta(global: Float32Array): Float32Array {
    const { channels, weightedSums, masses } = this;
    return weightedSums.map((sum, i) => {
      const mass = masses[Math.floor(i / channels)]!;
      return mass > 0 ? sum / mass - global[i]! : 0;
    });
  }
}
