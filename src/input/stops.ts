import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { laterField, laterKind } from '../diagnostics/problems/objects.ts';

/** Whether nothing is computed of an input because of this. Fields and kinds of later releases are dropped. */
export function stopsWork({ severity, code }: Diagnostic): boolean {
  return severity === 'error' && code !== laterField.code && code !== laterKind.code;
}
