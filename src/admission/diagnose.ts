import type { Diagnostic, ResourceRef } from '../diagnostics/diagnostic.ts';
import { schemaValidationError, schemaWarning } from '../diagnostics/problems/istio/general.ts';
import { onlyNoted } from '../diagnostics/problems/objects.ts';
import { formatPath } from '../resource/shape.ts';
import type { SourceDocument } from '../source/document.ts';
import type { ValidatedResource } from './index.ts';

/** The codes of Istio's schema analyzer, which says the same things. */
const codes = { error: schemaValidationError.code, warning: schemaWarning.code, note: onlyNoted.code } as const;

/** Findings as diagnostics, with their places in the document. */
export function diagnose(
  { errors, warnings, notes }: ValidatedResource,
  { document, resource }: { readonly document: SourceDocument; readonly resource: ResourceRef },
): readonly Diagnostic[] {
  return [...errors, ...warnings, ...notes].map(({ severity, path, message, reportedAs }) => ({
    code: reportedAs?.code ?? codes[severity],
    severity: severity === 'note' ? 'info' : severity,
    message: `${formatPath(path)}: ${message}`,
    path,
    resource,
    location: document.locate(path),
  }));
}
