import type { Diagnostic } from '../../../../src/diagnostics/diagnostic.ts';
import { defaultRelease } from '../../../../src/releases/index.ts';
import { decodeDocuments } from '../../../../src/resource/decode.ts';
import { expandLists } from '../../../../src/source/lists.ts';
import { parseText } from '../../../../src/source/parse.ts';

/** What the API server says of the objects in a text, and how many of them go on. */
export function refusalsOfText(text: string): { readonly diagnostics: readonly Diagnostic[]; readonly kept: number } {
  const diagnostics: Diagnostic[] = [];
  const report = (diagnostic: Diagnostic): void => void diagnostics.push(diagnostic);
  const resources = decodeDocuments(
    expandLists(parseText('test.yaml', text, report)),
    { release: defaultRelease, namespace: 'default' },
    report,
  );
  return { diagnostics, kept: resources.length };
}

/** Its answers, each as `line:column field: words`. */
export function answers(text: string): string[] {
  return refusalsOfText(text).diagnostics.map(({ location, message }) => `${location?.line}:${location?.column} ${message}`);
}

/** The fields for which it refuses them. */
export function refusedFields(text: string): string[] {
  return refusalsOfText(text).diagnostics.flatMap(({ severity, apiServer }) =>
    severity === 'error' ? (apiServer?.field ?? []) : [],
  );
}
