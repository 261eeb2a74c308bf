import type { Diagnostic, ResourceRef } from '../../diagnostics/diagnostic.ts';
import type { Resource } from '../../resource/resource.ts';
import { wildcardTest } from '../../util/text.ts';

/** Whether a finding is to be left out. */
export type Suppression = (finding: Diagnostic) => boolean;

/** A code and the resources of which it is not reported, with `*` for any text. */
export interface SuppressedCode {
  readonly code: string;
  readonly resource: string;
}

/** Reads `CODE=Kind name.namespace`; undefined for other texts. */
export function parseSuppression(text: string): SuppressedCode | undefined {
  const parts = text.split('=');
  return parts.length === 2 ? { code: parts[0] ?? '', resource: parts[1] ?? '' } : undefined;
}

/** Leaves out findings by `--suppress`: a resource is `Kind name.namespace` or `Kind namespace/name`. */
export function suppressCodes(list: readonly SuppressedCode[]): Suppression {
  const patterns = list.map(({ code, resource }) => ({ code, matches: wildcardTest(resource) }));
  return ({ code, resource }) =>
    resource !== undefined &&
    patterns.some((pattern) => pattern.code === code && namesOf(resource).some((name) => pattern.matches(name)));
}

function namesOf({ kind, namespace, name }: ResourceRef): readonly string[] {
  return namespace === '' ? [`${kind} ${name}`] : [`${kind} ${namespace}/${name}`, `${kind} ${name}.${namespace}`];
}

const ANNOTATION = 'galley.istio.io/analyze-suppress';

/** Leaves out findings about resources whose annotation lists their code, or `*`. */
export function suppressAnnotated(resources: readonly Resource[]): Suppression {
  const codes = new Map<string, readonly string[]>();
  for (const { kind, namespace, name, annotations } of resources) {
    const listed = annotations[ANNOTATION];
    if (listed !== undefined && listed !== '') codes.set(`${kind} ${namespace}/${name}`, listed.split(','));
  }
  return ({ code, resource }) => {
    const listed = resource && codes.get(`${resource.kind} ${resource.namespace}/${resource.name}`);
    return listed?.some((one) => one === '*' || one === code) ?? false;
  };
}

/**
 * Leaves out findings at a line with a comment `# mesh-ignore CODE, CODE: reason`. A comment with a line of its own is for the
 * next line that is none.
 */
export function suppressCommented(texts: ReadonlyMap<string, string>): Suppression {
  const byFile = new Map<string, ReadonlyMap<number, readonly string[]>>();
  const commentsOf = (file: string): ReadonlyMap<number, readonly string[]> => {
    let comments = byFile.get(file);
    if (comments === undefined) {
      comments = findComments(texts.get(file) ?? '');
      byFile.set(file, comments);
    }
    return comments;
  };
  return ({ code, location }) =>
    location !== undefined && (commentsOf(location.file).get(location.line)?.includes(code) ?? false);
}

function findComments(text: string): ReadonlyMap<number, readonly string[]> {
  const found = new Map<number, string[]>();
  if (!text.includes('mesh-ignore')) return found;
  const lines = text.split('\n');
  lines.forEach((line, index) => {
    const match = /(?:^|\s)#\s*mesh-ignore\s+([A-Z]+\d+(?:\s*,\s*[A-Z]+\d+)*)\s*(?::|$)/.exec(line);
    if (match === null) return;
    let target = index;
    if (line.trimStart().startsWith('#')) {
      while (target < lines.length && /^\s*(#.*|---\s*)?$/.test(lines[target] ?? '')) target++;
    }
    const codes = (match[1] ?? '').split(',').map((code) => code.trim());
    found.set(target + 1, [...(found.get(target + 1) ?? []), ...codes]);
  });
  return found;
}
