import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { printedJson } from '../escape/json.ts';
import type { Printable } from '../escape/printable.ts';
import { formatGoYaml } from '../go-yaml.ts';
import { describeFinding } from './describe.ts';

/** The findings as istioctl's JSON has them, indented by tabs. */
export function formatFindingsJson(findings: readonly Diagnostic[], docsUrl: string): Printable {
  return printedJson(described(findings, docsUrl), '\t');
}

/** The findings as istioctl's YAML has them. */
export function formatFindingsYaml(findings: readonly Diagnostic[], docsUrl: string): Printable {
  return formatGoYaml(described(findings, docsUrl));
}

function described(findings: readonly Diagnostic[], docsUrl: string): readonly Readonly<Record<string, string>>[] {
  return findings.map((finding) => describeFinding(finding, docsUrl));
}
