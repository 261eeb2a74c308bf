import { createHash } from 'node:crypto';
import { isAbsolute } from 'node:path';
import type { Diagnostic, Location, Severity } from '../../diagnostics/diagnostic.ts';
import type { Definition } from '../../diagnostics/problem.ts';
import { allProblems } from '../../diagnostics/problems/index.ts';
import { compact } from '../../util/object.ts';
import { wellFormed } from '../escape/characters.ts';
import { printedJson } from '../escape/json.ts';
import type { Printable } from '../escape/printable.ts';
import type { Repository } from '../repository.ts';
import { documentationUrl, resourceText } from './describe.ts';
import type { FindingContext } from './formats.ts';
import { helpMarkdown, helpText } from './help.ts';

/** The root of the repository, as viewers call it. */
const ROOT = '%SRCROOT%';
const FINGERPRINT = 'meshFinding/v1';
/** Line and column of another place that a message names. */
const PLACE = /(\.(?:ya?ml|json)):\d+(?::\d+)?/gi;

const levels: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'note' };

/** A log of SARIF 2.1.0, for code scanning. */
export function formatSarif(
  findings: readonly Diagnostic[],
  { version, fullVersion, docsUrl, repository }: Omit<FindingContext, 'texts' | 'paint'>,
): Printable {
  const fingerprintOf = createFingerprints(repository);
  const codes = [...new Set(findings.map(({ code }) => code))].sort();
  const definitions = new Map(allProblems().map((definition) => [definition.code, definition]));
  const rules = codes.map((code) => describeRule(code, definitions.get(code), docsUrl));
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'mesh', fullName: fullVersion, version, semanticVersion: version, rules } },
        originalUriBaseIds: { [ROOT]: { uri: uriOfFile(`${repository.root.replace(/\/$/, '')}/`) } },
        columnKind: 'utf16CodeUnits',
        results: findings.map((finding) => ({
          ...describe(finding, codes, repository),
          partialFingerprints: { [FINGERPRINT]: fingerprintOf(finding) },
        })),
      },
    ],
  };
  return printedJson(log);
}

/** What viewers show of a rule beside its results. A level that is not the rule's is the result's own. */
function describeRule(code: string, definition: Definition | undefined, docsUrl: string): object {
  const helpUri = documentationUrl(code, docsUrl);
  if (definition === undefined) return compact({ id: code, helpUri });
  const { name, about, severity } = definition;
  return compact({
    id: code,
    name,
    shortDescription: { text: withoutLinks(firstSentence(about)) },
    fullDescription: { text: withoutLinks(about) },
    help: { text: withoutLinks(helpText(definition)), markdown: helpMarkdown(definition) },
    helpUri,
    defaultConfiguration: { level: levels[severity] },
  });
}

function firstSentence(text: string): string {
  return /^.*?\.(?= [A-Z]|$)/.exec(text)?.[0] ?? text;
}

function describe(
  { code, severity, message, location, resource, related = [] }: Diagnostic,
  codes: readonly string[],
  repository: Repository,
): object {
  const logical = resource && [{ kind: 'resource', fullyQualifiedName: resourceText(resource) }];
  const place = compact({ physicalLocation: location && physical(location, repository), logicalLocations: logical });
  return compact({
    ruleId: code,
    ruleIndex: codes.indexOf(code),
    level: levels[severity],
    message: { text: withoutLinks(message) },
    locations: location === undefined && logical === undefined ? undefined : [place],
    relatedLocations:
      related.length === 0
        ? undefined
        : related.map((other, id) => ({
            id,
            message: { text: withoutLinks(other.message) },
            physicalLocation: physical(other.location, repository),
          })),
  });
}

/** In SARIF, `[text](address)` within a message is a link, unless a backslash says otherwise (3.11.6). */
function withoutLinks(message: string): string {
  return message.replaceAll('](', '\\](');
}

function physical({ file, line, column, endLine, endColumn }: Location, repository: Repository): object {
  return {
    artifactLocation: artifactOf(file, repository),
    region: compact({ startLine: line, startColumn: column, endLine, endColumn }),
  };
}

function artifactOf(file: string, repository: Repository): object {
  // Standard input is no file that a viewer could open.
  if (file === '-') return { uri: 'stdin' };
  const path = repository.pathOf(file);
  return isAbsolute(path) ? { uri: uriOfFile(path) } : { uri: encoded(path), uriBaseId: ROOT };
}

function uriOfFile(path: string): string {
  return `file://${encoded(path.replace(/^(?!\/)/, '/'))}`;
}

function encoded(path: string): string {
  return encodeURI(wellFormed(path).replaceAll('\\', '/')).replaceAll('#', '%23').replaceAll('?', '%3F');
}

/**
 * What tells a finding from all others while lines move and text is added around it: code, file, resource and message; of those that
 * are told by the same words, which one it is.
 */
function createFingerprints({ pathOf }: Repository): (finding: Diagnostic) => string {
  const counts = new Map<string, number>();
  return ({ code, location, resource, message }) => {
    const file = location === undefined || location.file === '-' ? '' : pathOf(location.file);
    const words = [code, file, resource === undefined ? '' : resourceText(resource), message.replaceAll(PLACE, '$1')];
    const hash = createHash('sha256').update(JSON.stringify(words)).digest('hex').slice(0, 32);
    const count = (counts.get(hash) ?? 0) + 1;
    counts.set(hash, count);
    return `${hash}:${count}`;
  };
}
