import type { KindGroup, KindNameOfGroup } from '../api/kinds.ts';

/** Whose kind it is, which decides how its spec is read. */
export type KindFamily = 'kubernetes' | 'istio' | 'gateway-api';

/** A kind that mesh reads. */
export interface KindInfo {
  readonly kind: KindNameOfGroup<KindGroup>;
  /** Empty for the core group. */
  readonly group: KindGroup;
  /** All served versions, the preferred one first. */
  readonly versions: readonly string[];
  readonly family: KindFamily;
  readonly namespaced: boolean;
  /** Whether the object has a `spec`; of the others the whole object is taken. */
  readonly hasSpec: boolean;
  /** What mesh does with it; `analyzed` kinds only matter to findings. */
  readonly use: 'translated' | 'analyzed';
}

/** A kind in a table of kinds: its name, its versions with spaces between them, and what is special. */
export type KindRow<Group extends KindGroup> = readonly [
  kind: KindNameOfGroup<Group>,
  versions: string,
  ...flags: readonly ('cluster' | 'specless' | 'analyzed')[],
];

/** The kinds of a group. */
export function kindsOfGroup<Group extends KindGroup>(
  group: Group,
  family: KindFamily,
  rows: readonly KindRow<Group>[],
): KindInfo[] {
  return rows.map(([kind, versions, ...flags]) => ({
    kind,
    group,
    versions: versions.split(' '),
    family,
    namespaced: !flags.includes('cluster'),
    hasSpec: !flags.includes('specless'),
    use: flags.includes('analyzed') ? 'analyzed' : 'translated',
  }));
}

/** The kinds without some of them. */
export function withoutKinds(kinds: readonly KindInfo[], names: readonly KindInfo['kind'][]): readonly KindInfo[] {
  return kinds.filter(({ kind }) => !names.includes(kind));
}

/** The kinds, some of them served in other versions; these have spaces between them. */
export function withVersions(kinds: readonly KindInfo[], versions: ReadonlyMap<KindInfo['kind'], string>): readonly KindInfo[] {
  return kinds.map((info) => ({ ...info, versions: versions.get(info.kind)?.split(' ') ?? info.versions }));
}
