import type { Diagnostic, Location, Severity } from '../../diagnostics/diagnostic.ts';
import type { Definition } from '../../diagnostics/problem.ts';
import { allProblems } from '../../diagnostics/problems/index.ts';
import { compact } from '../../util/object.ts';
import { wellFormed } from '../escape/characters.ts';
import { printedJson } from '../escape/json.ts';
import type { Printable } from '../escape/printable.ts';
import { documentationUrl, resourceText } from './describe.ts';
import { helpMarkdown, helpText } from './help.ts';

const levels: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'note' };

/** A log of SARIF 2.1.0, for code scanning. */
export function formatSarif(findings: readonly Diagnostic[], version: string, docsUrl: string): Printable {
  const codes = [...new Set(findings.map(({ code }) => code))].sort();
  const definitions = new Map(allProblems().map((definition) => [definition.code, definition]));
  const rules = codes.map((code) => describeRule(code, definitions.get(code), docsUrl));
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'mesh', version, rules } },
        columnKind: 'utf16CodeUnits',
        results: findings.map((finding) => describe(finding, codes)),
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

function describe({ code, severity, message, location, resource, related = [] }: Diagnostic, codes: readonly string[]): object {
  const logical = resource && [{ kind: 'resource', fullyQualifiedName: resourceText(resource) }];
  const place = compact({ physicalLocation: location && physical(location), logicalLocations: logical });
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
            physicalLocation: physical(other.location),
          })),
  });
}

/** In SARIF, `[text](address)` within a message is a link, unless a backslash says otherwise (3.11.6). */
function withoutLinks(message: string): string {
  return message.replaceAll('](', '\\](');
}

function physical({ file, line, column, endLine, endColumn }: Location): object {
  // Standard input is no file that a viewer could open.
  const uri =
    file === '-' ? 'stdin' : encodeURI(wellFormed(file).replaceAll('\\', '/')).replaceAll('#', '%23').replaceAll('?', '%3F');
  return { artifactLocation: { uri }, region: compact({ startLine: line, startColumn: column, endLine, endColumn }) };
}
