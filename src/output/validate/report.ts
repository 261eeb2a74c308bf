import type { Diagnostic, Severity } from '../../diagnostics/diagnostic.ts';
import type { Layer, ValidatedFile, ValidationFinding, ValidationReport } from '../../operations/validate/validate.ts';
import { count } from '../count.ts';
import { describeDiagnostic, type Painter } from '../diagnostics.ts';
import { printedLines } from '../escape/plain.ts';
import type { Printable } from '../escape/printable.ts';

/** A line for each finding, and one for each file. */
export function formatValidationText({ files }: ValidationReport, paint: Painter): Printable {
  return printedLines(
    files.flatMap((file) => [
      ...file.findings.map((finding) => describeDiagnostic(withLayer(finding), paint)),
      `${file.file} ${verdict(file)}`,
    ]),
  );
}

/** Who says it, in words. */
const speakers: Readonly<Record<Layer, string>> = { 'api-server': 'API server: ', webhook: 'webhook: ', mesh: '' };

function withLayer({ diagnostic, layer }: ValidationFinding): Diagnostic {
  return { ...diagnostic, message: `${speakers[layer]}${diagnostic.message}` };
}

function verdict({ isAccepted, findings }: ValidatedFile): string {
  const counted = (severity: Severity): string[] => {
    const { length } = findings.filter(({ diagnostic }) => diagnostic.severity === severity);
    return length === 0 ? [] : [count(length, severity)];
  };
  const counts = [...counted('error'), ...counted('warning')].join(' and ');
  if (!isAccepted) return `is not valid: ${counts}`;
  return counts === '' ? 'is valid' : `is valid, with ${counts}`;
}

/** The report as JSON and YAML have it. */
export function validationData({ files }: ValidationReport): object {
  return { files: files.map(fileData) };
}

function fileData({ file, isValid, isAccepted, findings }: ValidatedFile): object {
  const of = (severity: Severity): readonly object[] =>
    findings.filter(({ diagnostic }) => diagnostic.severity === severity).map(findingData);
  return {
    file,
    valid: isValid,
    accepted: isAccepted,
    errors: of('error'),
    warnings: of('warning'),
    notes: of('info'),
  };
}

function findingData({ diagnostic, layer, message, field }: ValidationFinding): object {
  const { code, resource, location } = diagnostic;
  return { code, layer, message, resource, path: field, line: location?.line, column: location?.column };
}
