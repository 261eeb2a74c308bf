import type { Location } from '../../diagnostics/diagnostic.ts';
import type { ProxyConnection } from '../../operations/request-tables/chain-connections.ts';
import type { LocatedUnit, ReportedRequest, TestReport } from '../../operations/request-tables/report.ts';
import type { CoverageUnit } from '../../trace/coverage.ts';
import type { Explanation } from '../../trace/expectation.ts';
import { addAll } from '../../util/collections.ts';
import { formatHostPort } from '../../util/host-port.ts';
import type { Origin } from '../../util/origin.ts';
import { listed } from '../../util/text.ts';
import { count } from '../count.ts';
import type { Painter } from '../diagnostics.ts';
import { type AnnotationPlace, annotation } from '../escape/github.ts';
import { printedJson } from '../escape/json.ts';
import { type Plain, plain, printedLines, styled } from '../escape/plain.ts';
import { concatenated, joined, type Printable, printed } from '../escape/printable.ts';
import { xml } from '../escape/xml.ts';
import { mayBeStopped, stoppableWords } from '../network-words.ts';
import type { Repository } from '../repository.ts';
import { unreachableWords } from '../unreachable-words.ts';
import { locatedReasonWords, reasonAsJson } from '../why/located.ts';

/** How many percent of the parts are met; all of none count as met. */
export function coveredPercent(units: readonly CoverageUnit[]): number {
  return units.length === 0 ? 100 : (units.filter(({ isMet }) => isMet).length * 100) / units.length;
}

/** The tables with what fails in them, and what no request met. */
export function formatTestText({ tables, coverage }: TestReport, paint: Painter): Printable {
  const lines: (string | Plain)[] = [];
  for (const { file, requests } of tables) {
    const failing = requests.filter(({ failures }) => failures.length > 0);
    const fine = requests.length - failing.length;
    const verdict = failing.length === 0 ? 'ok  ' : styled(paint.error, 'FAIL');
    lines.push(plain`${verdict} ${styled(paint.strong, file)}  ${fine} of ${requests.length}`);
    for (const { name, location, failures, why, stoppable } of failing) {
      lines.push(`  ${location.file}:${location.line}: ${name}`);
      for (const failure of failures) lines.push(`    ${describe(failure)}`);
      for (const reason of why) lines.push(`    why: ${locatedReasonWords(reason)}`);
      for (const connection of stoppable) lines.push(`    not simulated: ${stoppableWords(connection)}`);
    }
  }
  const all = tables.flatMap(({ requests }) => requests);
  const failed = all.filter(({ failures }) => failures.length > 0).length;
  lines.push(
    '',
    plain`${all.length - failed} of ${all.length} requests as expected${failed === 0 ? '' : styled(paint.error, `, ${failed} not`)}`,
  );
  const stoppable = all.filter((request) => request.stoppable.length > 0);
  if (stoppable.length > 0) lines.push(stoppedWords(stoppable));
  if (coverage !== undefined) addAll(lines, ['', ...formatCoverage(coverage)]);
  return printedLines(lines);
}

function stoppedWords(requests: readonly ReportedRequest[]): string {
  const policies = new Set(requests.flatMap(({ stoppable }) => stoppable.flatMap((connection) => connection.policies)));
  return `${count(requests.length, 'request')} ${mayBeStopped(listed([...policies].sort(), MOST_POLICIES))}`;
}

/** As many network policies are named. */
const MOST_POLICIES = 10;

function formatCoverage(units: readonly LocatedUnit[]): string[] {
  const lines = [`Coverage: ${Number(coveredPercent(units).toFixed(1))}%`];
  for (const kind of ['route', 'filter chain', 'policy'] as const) {
    const ofKind = units.filter((unit) => unit.kind === kind);
    if (ofKind.length === 0) continue;
    const missed = ofKind.filter(({ isMet }) => !isMet);
    lines.push(`  ${kind}: ${ofKind.length - missed.length} of ${ofKind.length}`);
    for (const unit of missed) {
      const { name, origin, location } = unit;
      const place = location === undefined ? '' : `${location.file}:${location.line}: `;
      const { kind: resource, namespace, name: of } = origin.resource;
      lines.push(`    ${place}${name} (${resource} ${namespace}/${of}) ${missedWords(unit)}`);
    }
  }
  return lines;
}

/** What is to be said of a part that no request of a table meets. */
function missedWords({ unreachable, connection }: LocatedUnit): string {
  if (unreachable !== undefined) return `is unreachable: ${unreachableWords(unreachable)}`;
  return `is met by no request${connection === undefined ? '' : `; it takes ${connectionWords(connection)}`}`;
}

/** A connection on one line. */
function connectionWords({ from, source, example }: ProxyConnection): string {
  const { destination, serverName, transportProtocol, applicationProtocols } = example;
  const more = [
    source !== undefined && `source ${source}`,
    serverName !== '' && `SNI ${serverName}`,
    applicationProtocols.length > 0 && `ALPN ${applicationProtocols.join(', ')}`,
  ].filter((part) => part !== false);
  const transport = transportProtocol === 'tls' ? 'TLS' : 'plain text';
  const to = formatHostPort(destination.ip, destination.port);
  return `${transport} from ${from} to ${to}${more.length === 0 ? '' : ` (${more.join(', ')})`}`;
}

function connectionAsJson({ from, source, example }: ProxyConnection): object {
  const { destination, serverName, transportProtocol, applicationProtocols } = example;
  return {
    from,
    to: formatHostPort(destination.ip, destination.port),
    transport: transportProtocol === 'tls' ? 'tls' : 'plain',
    ...(source !== undefined && { source }),
    ...(serverName !== '' && { sni: serverName }),
    ...(applicationProtocols.length > 0 && { alpn: applicationProtocols }),
  };
}

function describe({ key, expected, actual, share }: Explanation): string {
  const often = share > 0.9999 ? '' : ` (in ${Number((share * 100).toFixed(2))}% of the cases)`;
  return `${key}: expected ${show(expected)}, got ${show(actual)}${often}`;
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 400 ? `${text.slice(0, 400)}...` : text;
}

/** JUnit's XML. */
export function formatTestJunit({ tables }: TestReport): Printable {
  const all = tables.flatMap(({ requests }) => requests);
  const failed = all.filter(({ failures }) => failures.length > 0).length;
  const suites = tables.map(({ file, requests }) => {
    const failing = requests.filter(({ failures }) => failures.length > 0).length;
    const cases = requests.map(({ name, location, failures }) => {
      const head = xml`    <testcase name="${name}" classname="${file}" file="${location.file}" line="${location.line}"`;
      if (failures.length === 0) return xml`${head}/>\n`;
      const lines = failures.map(describe);
      const text = joined(lines.map((line) => xml`${line}`));
      return xml`${head}>
      <failure type="expectation" message="${lines[0] ?? ''}">${text}</failure>
    </testcase>
`;
    });
    return xml`  <testsuite name="${file}" tests="${requests.length}" failures="${failing}" errors="0">
${cases}  </testsuite>
`;
  });
  return printed(xml`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="mesh test" tests="${all.length}" failures="${failed}" errors="0">
${suites}</testsuites>
`);
}

/** Workflow commands of GitHub. */
export function formatTestGithub({ tables, coverage = [] }: TestReport, _paint: Painter, repository: Repository): Printable {
  const failures = tables.flatMap(({ requests }) =>
    requests.flatMap(({ name, location, failures }) =>
      failures.map((failure) => annotation('error', { ...placeOf(location, repository), title: name }, describe(failure))),
    ),
  );
  const missed = coverage
    .filter(({ isMet }) => !isMet)
    .map((unit) => {
      const { kind, name, location } = unit;
      return annotation('notice', { ...placeOf(location, repository), title: `${kind} ${name}` }, missedWords(unit));
    });
  return concatenated([...failures, ...missed]);
}

function placeOf(location: Location | undefined, { pathOf }: Repository): Omit<AnnotationPlace, 'title'> {
  return location === undefined ? {} : { file: pathOf(location.file), line: location.line, col: location.column };
}

function fieldAsJson({ resource: { kind, namespace, name }, path }: Origin): object {
  return { resource: { kind, namespace, name }, path };
}

/** All there is, as JSON. */
export function formatTestJson({ tables, coverage }: TestReport): Printable {
  const requests = tables.flatMap((table) => table.requests);
  const failed = requests.filter(({ failures }) => failures.length > 0).length;
  const units = coverage?.map(({ kind, name, origin, location, isMet, unreachable, connection }) => ({
    kind,
    name,
    isMet,
    ...fieldAsJson(origin),
    location,
    ...(unreachable && {
      unreachable: {
        because: unreachable.because,
        by: unreachable.by.map((rule) => ({ name: rule.name, ...(rule.origin && fieldAsJson(rule.origin)) })),
      },
    }),
    ...(connection && { connection: connectionAsJson(connection) }),
  }));
  const told = tables.map((table) => ({
    ...table,
    requests: table.requests.map(({ why, stoppable, ...request }) => ({
      ...request,
      ...(why.length > 0 && { why: why.map(reasonAsJson) }),
      ...(stoppable.length > 0 && { stoppable }),
    })),
  }));
  const summary = { requests: requests.length, failed, ...(coverage && { coveredPercent: coveredPercent(coverage) }) };
  return printedJson({ summary, tables: told, ...(units && { coverage: units }) });
}
