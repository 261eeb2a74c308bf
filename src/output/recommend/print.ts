import type { WrittenResource } from '../../operations/recommend/report.ts';
import { printedLines } from '../escape/plain.ts';
import { concatenated, type Printable } from '../escape/printable.ts';
import { formatGoYaml } from '../go-yaml.ts';

/** A manifest with comments above it. */
export interface CommentedManifest {
  readonly manifest: WrittenResource;
  readonly comments: readonly string[];
}

/** Manifests as one YAML stream, and comments at its end. */
export function printManifests(manifests: readonly CommentedManifest[], end: readonly string[]): Printable {
  const isMany = manifests.length > 1;
  return concatenated([
    ...manifests.flatMap(({ manifest, comments }, index) => [
      printedLines([...(isMany && index > 0 ? ['---'] : []), ...comments.map(commented)]),
      formatGoYaml(manifest),
    ]),
    ...(end.length > 0 ? [printedLines(end.map(commented))] : []),
  ]);
}

function commented(line: string): string {
  return line === '' ? '#' : `# ${line}`;
}
