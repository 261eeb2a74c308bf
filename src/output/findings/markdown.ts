import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { markdown } from '../escape/markdown.ts';
import { type Printable, printed } from '../escape/printable.ts';
import { countFindings, documentationUrl, levelOf, referenceOf, resourceText } from './describe.ts';

/** A table for a comment on a change or a job summary. */
export function formatMarkdown(findings: readonly Diagnostic[], docsUrl: string): Printable {
  if (findings.length === 0) return printed(markdown`### mesh analyze\n\nNo problems found.\n`);
  const rows = findings.map((finding) => {
    const { code, severity, message, resource } = finding;
    const url = documentationUrl(code, docsUrl);
    const linked = url === undefined ? code : markdown`[${code}](${url})`;
    const about = resource === undefined ? '' : resourceText(resource);
    return markdown`| ${levelOf(severity)} | ${linked} | ${about} | ${referenceOf(finding) ?? ''} | ${message} |\n`;
  });
  return printed(markdown`### mesh analyze

${countFindings(findings)}

| Level | Code | Resource | Place | Message |
| --- | --- | --- | --- | --- |
${rows}`);
}
