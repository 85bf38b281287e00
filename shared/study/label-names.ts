import { z } from 'zod';

/**
 * What sites call the classes of a study: for a class the other names under which a site's catalogue may list it. A hospital
 * that imported its films as "Pleural effusion" so joins a study of "Effusion" as it is, and one that tells two findings
 * apart joins a study that does not.
 */
export const labelNames = z.record(
  z.string().min(1).max(64),
  z.array(z.string().min(1).max(64)).min(1).max(64),
);
export type LabelNames = z.infer<typeof labelNames>;

/** Each as `path: what is wrong`. */
export function labelContradictions(labels: LabelNames | undefined, classes: readonly string[]): string[] {
  const found: string[] = [];
  const meant = new Map<string, string>();
  for (const [name, others] of Object.entries(labels ?? {})) {
    if (!classes.includes(name)) found.push(`labels.${name}: this is no class of the study`);
    for (const other of others) {
      const path = `labels.${name}`;
      const before = meant.get(other);
      if (classes.includes(other)) found.push(`${path}: ${other} is a class of the study itself`);
      else if (before !== undefined) found.push(`${path}: ${other} already stands for ${before}`);
      meant.set(other, name);
    }
  }
  return found;
}

/** The names by which a site's catalogue speaks of a class, of those that it uses. */
export function namesOf(
  name: string,
  labels: LabelNames | undefined,
  used: readonly string[],
): readonly string[] {
  const others = labels !== undefined && Object.hasOwn(labels, name) ? (labels[name] ?? []) : [];
  return [name, ...others].filter((other) => used.includes(other));
}
