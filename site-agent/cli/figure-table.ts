/** Rows of figures between 0 and 1 under short headings, a name before each. */
export class FigureTable {
  private readonly width: number;

  /** @param names of all rows: the longest decides where the figures begin */
  constructor(names: readonly string[]) {
    this.width = Math.max(12, ...names.map((name) => name.length)) + 2;
  }

  head(headings: readonly string[]): string {
    return this.line('', headings);
  }

  /** Three decimals; a dash for what is not known. */
  row(name: string, values: readonly (number | null | undefined)[]): string {
    return this.line(
      name,
      values.map((value) => value?.toFixed(3) ?? '–'),
    );
  }

  private line(name: string, cells: readonly string[]): string {
    return name.padEnd(this.width) + cells.map((cell) => cell.padStart(8)).join('');
  }
}
