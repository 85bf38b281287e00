import type { ModelPlan } from '@fedoxnet/shared/study/plan';
import { Oxnet } from '../model/oxnet.js';

/** Student and teacher. Whoever works with them sets their weights first. */
export interface StudentAndTeacher {
  readonly student: Oxnet;
  readonly teacher: Oxnet;
}

/**
 * The two networks of a process, and a third for plans that need it: built when they are asked for, kept as long as the same network is asked for. Trainers that
 * take turns may share a pair, since each command begins by setting the weights.
 */
export class NetworkPair {
  private key: string | null = null;
  private pair: StudentAndTeacher | null = null;
  private second: Oxnet | null = null;

  get(model: ModelPlan, classes: number): StudentAndTeacher {
    // The seed decides first weights alone.
    const key = JSON.stringify([{ ...model, seed: 0 }, classes]);
    if (this.pair !== null && this.key === key) return this.pair;
    this.dispose();
    const network = () => new Oxnet(model, classes);
    this.key = key;
    return (this.pair = { student: network(), teacher: network() });
  }

  /** A second teacher beside the pair, for plans that ask one. */
  secondTeacher(model: ModelPlan, classes: number): Oxnet {
    this.get(model, classes);
    return (this.second ??= new Oxnet(model, classes));
  }

  private dispose(): void {
    this.pair?.student.dispose();
    this.pair?.teacher.dispose();
    this.second?.dispose();
    this.pair = this.second = null;
  }
}
