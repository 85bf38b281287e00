/**
 * Works on `items` in their order, `count` of them at the same time. After a failure no further one is begun, and the
 * failure is thrown when those under way have ended.
 * @param work gets the lane, 0 … count − 1, whose buffers it may use
 */
export async function inLanes<T>(
  items: Iterable<T>,
  count: number,
  work: (item: T, lane: number) => Promise<void>,
): Promise<void> {
  const rest = items[Symbol.iterator]();
  const failures: unknown[] = [];
  const drive = async (lane: number): Promise<void> => {
    while (failures.length === 0) {
      const next = rest.next();
      if (next.done === true) return;
      await work(next.value, lane).catch((error: unknown) => failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: count }, (_, lane) => drive(lane)));
  if (failures.length > 0) throw failures[0];
}
