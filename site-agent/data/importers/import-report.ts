import { writeFileAtomic } from '../../files/atomic-file.js';

/** Where in the source something stands: the line of a table, or the entry of a JSON file such as `annotations[3]`. */
export interface Place {
  readonly file: string;
  readonly line?: number;
  readonly entry?: string;
}

export interface Refusal extends Place {
  readonly reason: string;
}

export interface ClassCounts {
  readonly class: string;
  readonly boxes: { readonly train: number; readonly val: number };
  /** Films whose reading of the class is complete with boxes, has a label, or says nothing. */
  readonly boxRead: { readonly train: number; readonly val: number };
  readonly present: { readonly train: number; readonly val: number };
  readonly absent: { readonly train: number; readonly val: number };
  readonly unknown: { readonly train: number; readonly val: number };
}

/** Collects what an import found, used and refused. */
export class ImportReport {
  /** Rows or entries read, by file. */
  readonly rows = new Map<string, number>();
  readonly refused: Refusal[] = [];
  /** What whoever imports should know: each said once. */
  readonly notes = new Set<string>();

  count(file: string): void {
    this.rows.set(file, (this.rows.get(file) ?? 0) + 1);
  }

  refuse(at: Place, reason: string): void {
    this.refused.push({ ...at, reason });
  }

  /** For `readTable`: a row that does not fit is counted and refused. */
  refuseRow(file: string): (line: number, reason: string) => void {
    return (line, reason) => {
      this.count(file);
      this.refuse({ file, line }, reason);
    };
  }

  /** By file, then line: films are looked at side by side, so refusals come in any order. */
  inOrder(): Refusal[] {
    const at = ({ line, entry }: Refusal): number => line ?? Number(/\d+/.exec(entry ?? '')?.[0] ?? 0);
    return [...this.refused].sort((a, b) => a.file.localeCompare(b.file) || at(a) - at(b));
  }

  note(text: string): void {
    this.notes.add(text);
  }
}

/** What an import ends with: printed, and written as JSON. */
export interface ImportSummary {
  readonly format: string;
  readonly source: string;
  readonly out: string;
  readonly dryRun: boolean;
  readonly rows: Readonly<Record<string, number>>;
  readonly films: { readonly train: number; readonly val: number };
  readonly patients: { readonly train: number; readonly val: number };
  readonly classes: readonly ClassCounts[];
  readonly notes: readonly string[];
  readonly refused: readonly Refusal[];
}

export function placeText({ file, line, entry }: Place): string {
  return line !== undefined ? `${file}, line ${line}` : entry !== undefined ? `${file}, ${entry}` : file;
}

export function writeImportReport(path: string, summary: ImportSummary): Promise<void> {
  return writeFileAtomic(path, `${JSON.stringify(summary, null, 1)}\n`);
}
