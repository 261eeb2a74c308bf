import type { Location } from '../diagnostics/diagnostic.ts';
import type { CoverageUnit } from '../trace/coverage.ts';
import type { Explanation, Observation } from '../trace/expectation.ts';
import { noPaint, type Painter } from './diagnostics.ts';

/** A request of a table, and what of its expectation fails. */
export interface ReportedRequest {
  readonly name: string;
  readonly location: Location;
  readonly failures: readonly Explanation[];
  /** What happens in each way that the request can take. */
  readonly observed: readonly ObservedWay[];
}

/** The columns of a table for one way, and how often it is taken. */
export interface ObservedWay extends Observation {
  readonly share: number;
}

/** A table with its requests. */
export interface ReportedTable {
  readonly file: string;
  readonly requests: readonly ReportedRequest[];
}

/** What request tables say about a mesh. */
export interface TestReport {
  readonly tables: readonly ReportedTable[];
  /** Where coverage was asked for. */
  readonly coverage: readonly LocatedUnit[] | undefined;
}

/** A part of the configuration with its place in the manifests. */
export interface LocatedUnit extends CoverageUnit {
  readonly location: Location | undefined;
}

/** Formats of `mesh test`. */
export type TestFormat = 'text' | 'junit' | 'github' | 'json';

/** A report in one of the formats. */
export function formatTestReport(format: TestFormat, report: TestReport, paint: Painter = noPaint): string {
  const formats: Readonly<Record<TestFormat, (report: TestReport, paint: Painter) => string>> = {
    text: formatText,
    junit: formatJunit,
    github: formatGithub,
    json: formatJson,
  };
  return formats[format](report, paint);
}

/** How many percent of the parts are met; all of none count as met. */
export function coveredPercent(units: readonly CoverageUnit[]): number {
  return units.length === 0 ? 100 : (units.filter(({ isMet }) => isMet).length * 100) / units.length;
}

function formatText({ tables, coverage }: TestReport, paint: Painter): string {
  const lines: string[] = [];
  for (const { file, requests } of tables) {
    const failing = requests.filter(({ failures }) => failures.length > 0);
    const fine = requests.length - failing.length;
    lines.push(`${failing.length === 0 ? 'ok  ' : paint.error('FAIL')} ${paint.strong(file)}  ${fine} of ${requests.length}`);
    for (const { name, location, failures } of failing) {
      lines.push(`  ${location.file}:${location.line}: ${name}`);
      for (const failure of failures) lines.push(`    ${describe(failure)}`);
    }
  }
  const all = tables.flatMap(({ requests }) => requests);
  const failed = all.filter(({ failures }) => failures.length > 0).length;
  lines.push(
    '',
    `${all.length - failed} of ${all.length} requests as expected${failed === 0 ? '' : paint.error(`, ${failed} not`)}`,
  );
  if (coverage !== undefined) lines.push('', ...formatCoverage(coverage));
  return `${lines.join('\n')}\n`;
}

function formatCoverage(units: readonly LocatedUnit[]): string[] {
  const lines = [`Coverage: ${Number(coveredPercent(units).toFixed(1))}%`];
  for (const kind of ['route', 'filter chain', 'policy'] as const) {
    const ofKind = units.filter((unit) => unit.kind === kind);
    if (ofKind.length === 0) continue;
    const missed = ofKind.filter(({ isMet }) => !isMet);
    lines.push(`  ${kind}: ${ofKind.length - missed.length} of ${ofKind.length}`);
    for (const { name, origin, location } of missed) {
      const place = location === undefined ? '' : `${location.file}:${location.line}: `;
      const { kind: resource, namespace, name: of } = origin.resource;
      lines.push(`    ${place}${name} (${resource} ${namespace}/${of}) is met by no request`);
    }
  }
  return lines;
}

function describe({ key, expected, actual, share }: Explanation): string {
  const often = share > 0.9999 ? '' : ` (in ${Number((share * 100).toFixed(2))}% of the cases)`;
  return `${key}: expected ${show(expected)}, got ${show(actual)}${often}`;
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 400 ? `${text.slice(0, 400)}...` : text;
}

function formatJunit({ tables }: TestReport): string {
  const all = tables.flatMap(({ requests }) => requests);
  const failed = all.filter(({ failures }) => failures.length > 0).length;
  const suites = tables.map(({ file, requests }) => {
    const count = requests.filter(({ failures }) => failures.length > 0).length;
    const cases = requests.map(({ name, location, failures }) => {
      const head = `    <testcase name=${quote(name)} classname=${quote(file)} file=${quote(location.file)} line="${location.line}"`;
      if (failures.length === 0) return `${head}/>`;
      const text = failures.map(describe).join('\n');
      return `${head}>\n      <failure type="expectation" message=${quote(text.split('\n', 1)[0] ?? '')}>${escapeXml(text)}</failure>\n    </testcase>`;
    });
    const counts = `tests="${requests.length}" failures="${count}" errors="0"`;
    return [`  <testsuite name=${quote(file)} ${counts}>`, ...cases, '  </testsuite>'].join('\n');
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="mesh test" tests="${all.length}" failures="${failed}" errors="0">`,
    ...suites,
    '</testsuites>',
    '',
  ].join('\n');
}

function quote(text: string): string {
  return `"${escapeXml(text).replaceAll('"', '&quot;').replaceAll('\n', '&#10;')}"`;
}

/** XML cannot hold most control characters at all. */
function escapeXml(text: string): string {
  const printable = [...text].filter((character) => character >= ' ' || character === '\n' || character === '\t').join('');
  return printable.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function formatGithub({ tables, coverage = [] }: TestReport): string {
  const failures = tables.flatMap(({ requests }) =>
    requests.flatMap(({ name, location, failures }) =>
      failures.map((failure) => annotation('error', location, name, describe(failure))),
    ),
  );
  const missed = coverage
    .filter(({ isMet }) => !isMet)
    .map(({ kind, name, location }) => annotation('notice', location, `${kind} ${name}`, 'is met by no request'));
  return [...failures, ...missed].join('');
}

function annotation(level: 'error' | 'notice', location: Location | undefined, title: string, text: string): string {
  const place =
    location === undefined ? '' : `file=${escapeProperty(location.file)},line=${location.line},col=${location.column},`;
  return `::${level} ${place}title=${escapeProperty(title)}::${escapeData(text)}\n`;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

function formatJson({ tables, coverage }: TestReport): string {
  const requests = tables.flatMap((table) => table.requests);
  const failed = requests.filter(({ failures }) => failures.length > 0).length;
  const units = coverage?.map(({ kind, name, origin: { resource, path }, location, isMet }) => ({
    kind,
    name,
    isMet,
    resource: { kind: resource.kind, namespace: resource.namespace, name: resource.name },
    path,
    location,
  }));
  const summary = { requests: requests.length, failed, ...(coverage && { coveredPercent: coveredPercent(coverage) }) };
  return `${JSON.stringify({ summary, tables, ...(units && { coverage: units }) }, null, 2)}\n`;
}
