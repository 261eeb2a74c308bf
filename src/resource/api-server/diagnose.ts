import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Subject } from '../../diagnostics/problem.ts';
import { apiServerRefuses } from '../../diagnostics/problems/objects.ts';
import type { Resource } from '../resource.ts';
import { subjectAt } from '../subject.ts';
import { findRefusals } from './index.ts';

/** An answer of the API server as a diagnostic. */
export function refused(subject: Subject, field: string, message: string): Diagnostic {
  return { ...apiServerRefuses(subject, field, message), apiServer: { field, message } };
}

/** What the API server would say of a resource, with places in its document. */
export function refusalsOf(resource: Resource): readonly Diagnostic[] {
  return findRefusals(resource).map(({ severity, field, path, on, message }) => ({
    ...refused(subjectAt(resource, path, on), field, message),
    severity,
  }));
}
