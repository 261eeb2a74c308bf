import { assertNever } from '../util/assert.ts';
import type { Origin } from '../util/origin.ts';
import { compareSnapshots, type ResourceChange, type Resources, type ResourceType } from './compare.ts';
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

/** All differences in meaning between two configurations of a proxy, each by itself; `compare` says what counts as one. */
export function listChanges(
  before: Resources,
  after: Resources,
  compare: (before: Resources, after: Resources) => readonly ResourceChange[] = compareSnapshots,
): readonly TracedChange[] {
  return compare(before, after).flatMap((resource): TracedChange[] => {
    const { type, name } = resource;
    switch (resource.kind) {
      case 'added': {
        const change: Change = { kind: 'added', type, resource: name, where: '', path: [], after: resource.after };
        return [traced(change, undefined, resource.afterOrigin)];
      }
      case 'removed': {
        const change: Change = { kind: 'removed', type, resource: name, where: '', path: [], before: resource.before };
        return [traced(change, resource.beforeOrigin, undefined)];
      }
      case 'changed':
        return resource.differences.map(({ beforeOrigin, afterOrigin, ...difference }) =>
          traced({ ...difference, type, resource: name }, beforeOrigin, afterOrigin),
        );
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
