/** A list that one side still adds to while others read it, each from its beginning; readers wait for what is to come. */
export class GrowingList<T> implements AsyncIterable<T> {
  private readonly items: T[] = [];
  private isEnded = false;
  private waiting: (() => void)[] = [];

  get length(): number {
    return this.items.length;
  }

  push(item: T): void {
    this.items.push(item);
    this.wake();
  }

  /** Nothing comes any more: readers end where it ends. */
  end(): void {
    this.isEnded = true;
    this.wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (let at = 0; ; at++) {
      while (at >= this.items.length) {
        if (this.isEnded) return;
        await new Promise<void>((resolve) => this.waiting.push(resolve));
      }
      yield this.items[at] as T;
    }
  }

  private wake(): void {
    for (const go of this.waiting.splice(0)) go();
  }
}
