import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { levelOf, originOf, referenceOf } from './describe.ts';

/**
 * A JUnit report: a test suite for each file, a test case for each finding. Errors and warnings are failures; hints are cases that
 * pass and carry their text as output.
 */
export function formatJunit(findings: readonly Diagnostic[]): string {
  const suites = new Map<string, Diagnostic[]>();
  for (const finding of findings) {
    const file = finding.location?.file ?? 'mesh analyze';
    const list = suites.get(file);
    if (list === undefined) suites.set(file, [finding]);
    else list.push(finding);
  }
  if (suites.size === 0) suites.set('mesh analyze', []);
  const failures = findings.filter(isFailure).length;
  const tests = Math.max(findings.length, 1);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="mesh analyze" tests="${tests}" failures="${failures}" errors="0">`,
    ...[...suites].map(([name, list]) => formatSuite(name, list)),
    '</testsuites>',
    '',
  ].join('\n');
}

function isFailure({ severity }: Diagnostic): boolean {
  return severity !== 'info';
}

function formatSuite(name: string, findings: readonly Diagnostic[]): string {
  const cases =
    findings.length === 0 ? ['    <testcase name="no problems" classname="mesh analyze"/>'] : findings.map(formatCase);
  const counts = `tests="${Math.max(findings.length, 1)}" failures="${findings.filter(isFailure).length}" errors="0"`;
  return [`  <testsuite name=${quote(name)} ${counts}>`, ...cases, '  </testsuite>'].join('\n');
}

function formatCase(finding: Diagnostic): string {
  const { code, severity, message, resource, location } = finding;
  const name = `${code}${resource === undefined ? '' : ` ${originOf(resource)}`}`;
  const place = location === undefined ? '' : ` file=${quote(location.file)} line="${location.line}"`;
  const head = `    <testcase name=${quote(name)} classname=${quote(location?.file ?? 'mesh analyze')}${place}>`;
  const text = escapeXml(`${referenceOf(finding) ?? ''}: ${levelOf(severity)}: ${message}`.replace(/^: /, ''));
  const body = isFailure(finding)
    ? `      <failure type="${levelOf(severity)}" message=${quote(message)}>${text}</failure>`
    : `      <system-out>${text}</system-out>`;
  return [head, body, '    </testcase>'].join('\n');
}

function quote(text: string): string {
  return `"${escapeXml(text).replaceAll('"', '&quot;').replaceAll('\n', '&#10;')}"`;
}

/** XML cannot hold most control characters at all. */
function escapeXml(text: string): string {
  const printable = [...text].filter((character) => character >= ' ' || character === '\n' || character === '\t').join('');
  return printable.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
