import type { Diagnostic, ResourceRef, Severity } from '../../diagnostics/diagnostic.ts';
import { assertNever } from '../../util/assert.ts';
import { count } from '../count.ts';

/** What the formats of findings have in common. */

/** A severity as istioctl writes it. */
export function levelOf(severity: Severity): 'Error' | 'Warning' | 'Info' {
  switch (severity) {
    case 'error':
      return 'Error';
    case 'warning':
      return 'Warning';
    case 'info':
      return 'Info';
    default:
      return assertNever(severity);
  }
}

/** A resource as istioctl writes it: `Kind namespace/name`, or `Kind name` where there is no namespace. */
export function resourceText({ kind, namespace, name }: ResourceRef): string {
  return `${kind} ${namespace === '' ? name : `${namespace}/${name}`}`;
}

/** The place of a finding as istioctl writes it: `file:line`. */
export function referenceOf({ reference, location }: Diagnostic): string | undefined {
  return reference ?? (location && `${location.file}:${location.line}`);
}

/** Where Istio explains a code of its own, in the documentation that begins at `docsUrl`; other codes are explained by `mesh explain`. */
export function documentationUrl(code: string, docsUrl: string): string | undefined {
  return /^IST\d+$/.test(code) ? `${docsUrl}reference/config/analysis/${code.toLowerCase()}/` : undefined;
}

/** A finding in istioctl's JSON, its fields in istioctl's order. */
export function describeFinding(diagnostic: Diagnostic, docsUrl: string): Readonly<Record<string, string>> {
  const { code, severity, message, resource } = diagnostic;
  const url = documentationUrl(code, docsUrl);
  const reference = referenceOf(diagnostic);
  return {
    code,
    ...(url !== undefined && { documentationUrl: `${url}?ref=istioctl-analyze` }),
    level: levelOf(severity),
    message,
    ...(resource !== undefined && { origin: resourceText(resource) }),
    ...(reference !== undefined && { reference }),
  };
}

/** How many findings of each severity there are, in words: `2 errors, 1 warning`. */
export function countFindings(findings: readonly Diagnostic[]): string {
  const words: Readonly<Record<Severity, readonly [string, string]>> = {
    error: ['error', 'errors'],
    warning: ['warning', 'warnings'],
    info: ['hint', 'hints'],
  };
  return (['error', 'warning', 'info'] as const)
    .map((severity) => [findings.filter((finding) => finding.severity === severity).length, words[severity]] as const)
    .filter(([number]) => number > 0)
    .map(([number, [one, many]]) => count(number, one, many))
    .join(', ');
}
