import type { CodeExplanation } from '../../operations/explain/explanation.ts';
import { printedText } from '../escape/plain.ts';
import type { Printable } from '../escape/printable.ts';
import { documentationUrl } from './describe.ts';

/** What a code means, what brings it about, what to do. */
export function formatExplanation({ definition, retired, docsUrl, elsewhere }: CodeExplanation): Printable {
  const { code, name, severity, about, cause, example, fix } = definition;
  const url = documentationUrl(code, docsUrl);
  const parts = [
    `${code} (${severity}), ${name}`,
    about,
    ...(retired === undefined ? [] : [`mesh never reports it: ${retired}.`]),
    ...(elsewhere === undefined
      ? []
      : [`Istio ${elsewhere.release} does not report it: it is a code of ${elsewhere.reportedBy.join(', ')}.`]),
    ...(cause === undefined ? [] : [`What brings it about:\n${indent(cause)}`]),
    ...(example === undefined ? [] : [`An example that brings it about:\n${indent(example)}`]),
    `What to do:\n${indent(fix)}`,
    ...(url === undefined ? [] : [`See also: ${url}`]),
  ];
  return printedText(`${parts.join('\n\n')}\n`);
}

function indent(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `  ${line}`.trimEnd())
    .join('\n');
}
