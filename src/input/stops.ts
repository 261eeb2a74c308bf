import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { laterField } from '../diagnostics/problems/objects.ts';

/** Whether nothing is computed of an input because of this. A field of a later release is dropped, as by the API server. */
export function stopsWork({ severity, code }: Diagnostic): boolean {
  return severity === 'error' && code !== laterField.code;
}
