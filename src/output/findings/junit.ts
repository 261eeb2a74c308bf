import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { type Printable, printed } from '../escape/printable.ts';
import { type Xml, xml } from '../escape/xml.ts';
import { levelOf, referenceOf, resourceText } from './describe.ts';

/**
 * A JUnit report: a test suite for each file, a test case for each finding. Errors and warnings are failures; hints are cases that
 * pass and carry their text as output.
 */
export function formatJunit(findings: readonly Diagnostic[]): Printable {
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
  return printed(xml`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="mesh analyze" tests="${tests}" failures="${failures}" errors="0">
${[...suites].map(([name, list]) => formatSuite(name, list))}</testsuites>
`);
}

function isFailure({ severity }: Diagnostic): boolean {
  return severity !== 'info';
}

function formatSuite(name: string, findings: readonly Diagnostic[]): Xml {
  const cases =
    findings.length === 0 ? xml`    <testcase name="no problems" classname="mesh analyze"/>\n` : findings.map(formatCase);
  const tests = Math.max(findings.length, 1);
  return xml`  <testsuite name="${name}" tests="${tests}" failures="${findings.filter(isFailure).length}" errors="0">
${cases}  </testsuite>
`;
}

function formatCase(finding: Diagnostic): Xml {
  const { code, severity, message, resource, location } = finding;
  const name = `${code}${resource === undefined ? '' : ` ${resourceText(resource)}`}`;
  const place = location === undefined ? '' : xml` file="${location.file}" line="${location.line}"`;
  const level = levelOf(severity);
  const text = `${referenceOf(finding) ?? ''}: ${level}: ${message}`.replace(/^: /, '');
  const body = isFailure(finding)
    ? xml`<failure type="${level}" message="${message}">${text}</failure>`
    : xml`<system-out>${text}</system-out>`;
  return xml`    <testcase name="${name}" classname="${location?.file ?? 'mesh analyze'}"${place}>
      ${body}
    </testcase>
`;
}
