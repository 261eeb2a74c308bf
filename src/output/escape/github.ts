import { visible } from './characters.ts';
import { asPrintable, type Printable } from './printable.ts';

/** Where an annotation stands, and its heading. */
export interface AnnotationPlace {
  readonly file?: string;
  readonly line?: number;
  readonly col?: number;
  readonly endLine?: number | undefined;
  readonly title: string;
}

/** A workflow command of GitHub Actions that shows a message at a line of a change. */
export function annotation(level: 'error' | 'warning' | 'notice', place: AnnotationPlace, message: string): Printable {
  const properties = Object.entries(place)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${escapeProperty(String(value))}`);
  return asPrintable(`::${level} ${properties.join(',')}::${escapeData(message)}\n`);
}

function escapeData(text: string): string {
  const lines = text.split(/\r?\n/).map((line) => visible(line).replaceAll('%', '%25'));
  return lines.join('%0A').replace(/##(?=\w*\[)/g, '\\x23#');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
