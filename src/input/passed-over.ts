import type { Report } from '../diagnostics/diagnostic.ts';
import { podsNotExpanded } from '../diagnostics/problems/repositories.ts';
import type { Release } from '../releases/release.ts';
import { indexKinds, isDefinition, splitApiVersion } from '../resource/kinds.ts';
import { isOtherWorkload } from '../resource/other-workloads.ts';
import type { SourceDocument } from '../source/document.ts';
import { type Fields, fieldsOf } from '../util/object.ts';
import { compareText } from '../util/text.ts';

/** What of an input nobody looked at, since it is not for mesh. */
export interface PassedOver {
  /** Files that nobody named and that hold no Kubernetes object. */
  readonly files: readonly string[];
  /** Kinds that mesh does not read, with the number of their documents; sorted by name. */
  readonly kinds: readonly PassedOverKind[];
}

/** A kind that mesh does not read. */
export interface PassedOverKind {
  /** Group and kind. */
  readonly name: string;
  readonly documents: number;
}

/** What of several inputs nobody looked at. */
export function allPassedOver(list: readonly PassedOver[]): PassedOver {
  const documents = new Map<string, number>();
  for (const { kinds } of list)
    for (const kind of kinds) documents.set(kind.name, (documents.get(kind.name) ?? 0) + kind.documents);
  return {
    files: [...new Set(list.flatMap(({ files }) => files))],
    kinds: [...documents].sort(([a], [b]) => compareText(a, b)).map(([name, count]) => ({ name, documents: count })),
  };
}

/** What is known of a kind that is passed over. */
interface Tally {
  readonly group: string;
  readonly kind: string;
  documents: number;
  /** The objects of it that have a template of pods. */
  readonly withPods: SourceDocument[];
}

/** Groups of Kubernetes of which nothing is served any more: the API server refuses each object of them. */
const GONE: readonly string[] = ['extensions'];

/** Counts what is passed over, and tells of the kinds among it that stand for pods, once each. */
export function passedOver(
  files: readonly string[],
  documents: readonly SourceDocument[],
  release: Release,
  report: Report,
): PassedOver {
  const kindOf = indexKinds(release);
  const tallies = new Map<string, Tally>();
  for (const document of documents) {
    const { apiVersion, kind, spec } = fieldsOf(document.value);
    if (typeof kind !== 'string' || typeof apiVersion !== 'string') continue;
    const { group, version } = splitApiVersion(apiVersion);
    const info = kindOf(group, kind);
    const isRead = info !== undefined && (info.versions.includes(version) || !isDefinition(info));
    if (isRead || isOtherWorkload(group, kind)) continue;
    const name = group === '' ? kind : `${group}/${kind}`;
    const tally = tallies.get(name) ?? { group, kind, documents: 0, withPods: [] };
    tally.documents += 1;
    if (!GONE.includes(group) && hasPods(fieldsOf(spec))) tally.withPods.push(document);
    tallies.set(name, tally);
  }
  const sorted = [...tallies].sort(([a], [b]) => compareText(a, b));
  for (const [, { group, kind, withPods }] of sorted) {
    const [first] = withPods;
    if (first === undefined) continue;
    const shown = group === '' ? kind : `${kind} (${group})`;
    report(podsNotExpanded({ location: first.locate(['kind']), path: ['kind'] }, shown, withPods.length));
  }
  return { files, kinds: sorted.map(([name, tally]) => ({ name, documents: tally.documents })) };
}

function hasPods({ template }: Fields): boolean {
  return Array.isArray(fieldsOf(fieldsOf(template).spec).containers);
}
