import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { assertNever } from '../../util/assert.ts';
import type { Painter } from '../diagnostics.ts';
import { printedJson } from '../escape/json.ts';
import type { Printable } from '../escape/printable.ts';
import { formatGoYaml } from '../go-yaml.ts';
import { describeFinding } from './describe.ts';
import { formatGithub } from './github.ts';
import { formatJunit } from './junit.ts';
import { formatMarkdown } from './markdown.ts';
import { formatSarif } from './sarif.ts';
import { formatFindings, formatLog, type Texts } from './text.ts';

/** What a format may need besides the findings. */
export interface FormatContext {
  readonly texts: Texts;
  readonly paint: Painter;
  /** The version of mesh, for tools. */
  readonly version: string;
  /** Where the documentation of Istio's release begins. */
  readonly docsUrl: string;
}

/** How findings can be printed; `log` are istioctl's lines. */
export type FindingFormat = 'text' | 'log' | 'json' | 'yaml' | 'sarif' | 'junit' | 'github' | 'markdown';

/** The findings in a format. */
export function formatFindingsAs(
  format: FindingFormat,
  findings: readonly Diagnostic[],
  { texts, paint, version, docsUrl }: FormatContext,
): Printable {
  switch (format) {
    case 'text':
      return formatFindings(findings, texts, paint);
    case 'log':
      return formatLog(findings, paint);
    case 'json':
      return printedJson(
        findings.map((finding) => describeFinding(finding, docsUrl)),
        '\t',
      );
    case 'yaml':
      return formatGoYaml(findings.map((finding) => describeFinding(finding, docsUrl)));
    case 'sarif':
      return formatSarif(findings, version, docsUrl);
    case 'junit':
      return formatJunit(findings);
    case 'github':
      return formatGithub(findings);
    case 'markdown':
      return formatMarkdown(findings, docsUrl);
    default:
      return assertNever(format);
  }
}
