import type { Diagnostic, Report } from '../../../diagnostics/diagnostic.ts';
import type { ResourceOf } from '../../../resource/resource.ts';
import { afresh, createMapping } from '../../../util/again.ts';
import type { AnalyzedKind, Reader } from './reader.ts';

/**
 * Reports what a check finds in each resource of a kind by itself: beside the resource it reads nothing but `inputs`. Those that were
 * checked with the same before are not checked again. `name` is that of the check.
 */
export function reportEach<K extends AnalyzedKind>(
  reader: Reader,
  name: string,
  kind: K,
  inputs: () => readonly unknown[],
  check: (resource: ResourceOf<K>, report: Report) => void,
  report: Report,
): void {
  const { again } = reader;
  const resources = reader.list(kind);
  if (again === afresh) {
    for (const resource of resources) check(resource, report);
    return;
  }
  const checkAll = again(name, inputs(), () =>
    createMapping((resource: ResourceOf<K>): readonly Diagnostic[] => {
      const found: Diagnostic[] = [];
      check(resource, (finding) => void found.push(finding));
      return found;
    }),
  );
  for (const found of checkAll(resources)) for (const finding of found) report(finding);
}
