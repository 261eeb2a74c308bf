import { assertNever } from '../util/assert.ts';
import { memo } from '../util/memo.ts';
import type { Origin } from '../util/origin.ts';
import { compareSnapshots, type ResourceChange, type Resources, type ResourceType } from './compare.ts';
import type { Difference } from './differences.ts';
import { canonicalText } from './list-rules.ts';

/** One difference in what a proxy gets. */
export interface Change {
  readonly kind: 'added' | 'removed' | 'changed' | 'moved';
  readonly type: ResourceType;
  /** The name of the xDS resource. */
  readonly resource: string;
  /** The place inside of it, for people; empty for the resource as a whole. */
  readonly where: string;
  /** The same for programs. */
  readonly path: readonly (string | number)[];
  readonly before?: unknown;
  readonly after?: unknown;
}

/** A change with who made the parts of the configuration around it. */
export interface TracedChange {
  readonly change: Change;
  /** Equal for equal changes, of whichever proxy. */
  readonly key: string;
  /** Equal for changes of one place. */
  readonly place: string;
  readonly beforeOrigin?: Origin;
  readonly afterOrigin?: Origin;
}

/** All differences in meaning between two configurations of a proxy, each by itself. */
export function listChanges(before: Resources, after: Resources): readonly TracedChange[] {
  return createChangeLister()(before, after);
}

/** Lists all differences between two configurations of a proxy. */
type ChangeLister = (before: Resources, after: Resources) => readonly TracedChange[];

/** Lists changes, which are of one object for all proxies that have the same ones; `compare` says what counts as one. */
export function createChangeLister(
  compare: (before: Resources, after: Resources) => readonly ResourceChange[] = compareSnapshots,
): ChangeLister {
  // Whoever compares remembers the differences of resources that proxies share.
  const changesOf = memo((differences: readonly Difference[], type: ResourceType, name: string) =>
    differences.map(({ beforeOrigin, afterOrigin, ...difference }) =>
      traced({ ...difference, type, resource: name }, beforeOrigin, afterOrigin),
    ),
  );
  const added = memo((after: object, type: ResourceType, name: string, origin: Origin | undefined) => [
    traced({ kind: 'added', type, resource: name, where: '', path: [], after }, undefined, origin),
  ]);
  const removed = memo((before: object, type: ResourceType, name: string, origin: Origin | undefined) => [
    traced({ kind: 'removed', type, resource: name, where: '', path: [], before }, origin, undefined),
  ]);
  return (before, after) =>
    compare(before, after).flatMap((resource): readonly TracedChange[] => {
      const { type, name } = resource;
      switch (resource.kind) {
        case 'added':
          return added(resource.after, type, name, resource.afterOrigin);
        case 'removed':
          return removed(resource.before, type, name, resource.beforeOrigin);
        case 'changed':
          return changesOf(resource.differences, type, name);
        default:
          return assertNever(resource);
      }
    });
}

function traced(change: Change, beforeOrigin: Origin | undefined, afterOrigin: Origin | undefined): TracedChange {
  const { kind, type, resource, where, before, after } = change;
  const place = [type, resource, where].join('\n');
  const text = (value: unknown): string => (value === undefined ? '' : canonicalText(value));
  return {
    change,
    key: [kind, place, text(before), text(after)].join('\n'),
    place,
    ...(beforeOrigin && { beforeOrigin }),
    ...(afterOrigin && { afterOrigin }),
  };
}
