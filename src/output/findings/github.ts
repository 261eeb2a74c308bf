import type { Diagnostic, Severity } from '../../diagnostics/diagnostic.ts';
import { originOf } from './describe.ts';

const commands: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'notice' };

/** Workflow commands of GitHub Actions, which show each finding at its line of a change. */
export function formatGithub(findings: readonly Diagnostic[]): string {
  return findings.map(formatFinding).join('');
}

function formatFinding({ code, severity, message, resource, location }: Diagnostic): string {
  const properties = [
    ...(location === undefined
      ? []
      : [`file=${escapeProperty(location.file)}`, `line=${location.line}`, `col=${location.column}`]),
    ...(location?.endLine === undefined ? [] : [`endLine=${location.endLine}`]),
    `title=${escapeProperty(`${code}${resource === undefined ? '' : ` ${originOf(resource)}`}`)}`,
  ];
  return `::${commands[severity]} ${properties.join(',')}::${escapeData(message)}\n`;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
