import type { Diagnostic, Location, Severity } from '../../diagnostics/diagnostic.ts';
import { compact } from '../../util/object.ts';
import { wellFormed } from '../escape/characters.ts';
import { printedJson } from '../escape/json.ts';
import type { Printable } from '../escape/printable.ts';
import { documentationUrl, resourceText } from './describe.ts';

const levels: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'note' };

/** A log of SARIF 2.1.0, for code scanning. */
export function formatSarif(findings: readonly Diagnostic[], version: string, docsUrl: string): Printable {
  const codes = [...new Set(findings.map(({ code }) => code))].sort();
  const rules = codes.map((code) => compact({ id: code, helpUri: documentationUrl(code, docsUrl) }));
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
