import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { keysUnreachable, policyDenies, policyPartIgnored } from '../diagnostics/problems/policies.ts';
import { subjectAt } from '../resource/subject.ts';
import type { PolicyNote } from '../translate/security/notes.ts';
import { assertNever } from '../util/assert.ts';

/** What to tell the user about a policy that istiod does not take as it is written. */
export function policyDiagnostic({ kind, resource, path, reason }: PolicyNote): Diagnostic {
  const subject = subjectAt(resource, path);
  switch (kind) {
    case 'unknown-condition':
    case 'unusable-value':
    case 'foreign-trust-domain':
    case 'bad-dry-run':
      return policyPartIgnored(subject, reason);
    case 'bad-provider':
    case 'several-providers':
      return policyDenies(subject, reason);
    case 'unreachable-keys':
      return keysUnreachable(subject, reason);
    default:
      return assertNever(kind);
  }
}
