/**
 * Does `work` for several things at once and hands out what comes of it in the order of the things. No more is begun than is
 * asked for, and `ahead` beyond it.
 */
export async function* inOrder<T, R>(
  things: Iterable<T>,
  ahead: number,
  work: (thing: T) => Promise<R>,
): AsyncGenerator<R> {
  const begun: Promise<R>[] = [];
  for (const thing of things) {
    const result = work(thing);
    result.catch(() => undefined); // heard below, when its turn comes
    begun.push(result);
    if (begun.length >= ahead) yield await (begun.shift() as Promise<R>);
  }
  for (const result of begun) yield await result;
}
