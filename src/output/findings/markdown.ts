import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { countFindings, documentationUrl, levelOf, originOf, referenceOf } from './describe.ts';

/** A table for a comment on a change or a job summary. */
export function formatMarkdown(findings: readonly Diagnostic[]): string {
  if (findings.length === 0) return '### mesh analyze\n\nNo problems found.\n';
  const rows = findings.map((finding) => {
    const { code, severity, message, resource } = finding;
    const url = documentationUrl(code);
    const cells = [
      levelOf(severity),
      url === undefined ? code : `[${code}](${url})`,
      resource === undefined ? '' : originOf(resource),
      referenceOf(finding) ?? '',
      message,
    ];
    return `| ${cells.map((cell, index) => (index === 1 ? cell : escapeCell(cell))).join(' | ')} |`;
  });
  return [
    '### mesh analyze',
    '',
    countFindings(findings),
    '',
    '| Level | Code | Resource | Place | Message |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

function escapeCell(text: string): string {
  return text
    .replace(/[\\`*_<>|[\]]/g, (character) => `\\${character}`)
    .replace(/\s*\n\s*/g, ' ')
    .trim();
}
