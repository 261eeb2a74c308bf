import type { Diagnostic, Location } from '../diagnostics/diagnostic.ts';
import { type Plain, plain, styled } from './escape/plain.ts';
import { type Printable, printed } from './escape/printable.ts';

/** Paints parts of a text; the identity functions where there is no colour. What is painted goes through `styled`. */
export interface Painter {
  error(text: string): string;
  warning(text: string): string;
  info(text: string): string;
  strong(text: string): string;
}

/** Leaves texts as they are. */
export const noPaint: Painter = {
  error: (text) => text,
  warning: (text) => text,
  info: (text) => text,
  strong: (text) => text,
};

/** One line a diagnostic, without its line break: `file:line:column: error [CODE] Kind namespace/name: message`. */
export function formatDiagnostic(diagnostic: Diagnostic, paint: Painter = noPaint): Printable {
  return printed(describeDiagnostic(diagnostic, paint));
}

/** The same as a piece of a text. */
export function describeDiagnostic(diagnostic: Diagnostic, paint: Painter = noPaint): Plain {
  const { severity, code, location, resource, message } = diagnostic;
  const place = location === undefined ? '' : plain`${styled(paint.strong, formatLocation(location))}: `;
  const about =
    resource === undefined || resource.name === ''
      ? ''
      : `${resource.kind} ${resource.namespace === '' ? '' : `${resource.namespace}/`}${resource.name}: `;
  return plain`${place}${styled(paint[severity], severity)} [${code}] ${about}${message}`;
}

/** `file:line:column`. */
function formatLocation({ file, line, column }: Location): string {
  return `${file}:${line}:${column}`;
}

/** Diagnostics in the order of files and lines; those without a place first, and of equals the order stays. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return [...diagnostics].sort((a, b) => {
    const [left, right] = [a.location, b.location];
    if (left === undefined || right === undefined) return Number(left !== undefined) - Number(right !== undefined);
    if (left.file !== right.file) return left.file < right.file ? -1 : 1;
    return left.line - right.line || left.column - right.column;
  });
}
