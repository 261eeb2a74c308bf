import type { Diagnostic, Severity } from '../../diagnostics/diagnostic.ts';
import { annotation } from '../escape/github.ts';
import { concatenated, type Printable } from '../escape/printable.ts';
import type { Repository } from '../repository.ts';
import { resourceText } from './describe.ts';

const levels: Readonly<Record<Severity, 'error' | 'warning' | 'notice'>> = { error: 'error', warning: 'warning', info: 'notice' };

/** Workflow commands of GitHub Actions, which show each finding at its line of a change. */
export function formatGithub(findings: readonly Diagnostic[], repository: Repository): Printable {
  return concatenated(findings.map((finding) => formatFinding(finding, repository)));
}

function formatFinding({ code, severity, message, resource, location }: Diagnostic, repository: Repository): Printable {
  const place =
    location === undefined
      ? {}
      : {
          file: repository.pathOf(location.file),
          line: location.line,
          col: location.column,
          ...(location.endLine !== undefined && { endLine: location.endLine }),
        };
  const title = `${code}${resource === undefined ? '' : ` ${resourceText(resource)}`}`;
  return annotation(levels[severity], { ...place, title }, message);
}
