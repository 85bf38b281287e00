/** Every document that differs from `value` in one place, which holds `wrong` there; records of free keys included. */
export function mutants(value: unknown, wrong: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const put = (replacement: unknown): unknown =>
      Array.isArray(value)
        ? value.map((entry: unknown, index) => (String(index) === key ? replacement : entry))
        : { ...value, [key]: replacement };
    return [put(wrong), ...mutants(inner, wrong).map(put)];
  });
}
