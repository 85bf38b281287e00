/// <reference lib="dom" />
// for the function below that runs inside the page
import type { Page } from 'playwright-core';

/** The text of each cell of a table's body, row by row. */
export function tableCells(page: Page, table: string): Promise<string[][]> {
  return page.$$eval(`${table} tbody tr`, (rows) =>
    rows.map((row) => [...row.children].map((cell) => (cell as HTMLElement).innerText.trim())),
  );
}
