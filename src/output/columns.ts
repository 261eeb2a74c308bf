import { visible } from './escape/characters.ts';
import { printedLines } from './escape/plain.ts';
import type { Printable } from './escape/printable.ts';

/**
 * A table as istioctl prints it (Go's text/tabwriter without borders): every column but the last is as wide as its widest cell and
 * `padding` blanks; the last one ends the line. Rows must have the same number of cells. Ends with a line break.
 */
export function formatColumns(cells: readonly (readonly string[])[], padding: number): Printable {
  const rows = cells.map((row) => row.map(visible));
  const widths: number[] = [];
  for (const row of rows) {
    row.slice(0, -1).forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, width(cell) + padding);
    });
  }
  return printedLines(
    rows.map((row) => row.map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - width(cell)))).join('')),
  );
}

/** Go counts code points. */
function width(text: string): number {
  return [...text].length;
}
