import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Change } from '../../diff/changes.ts';
import type { DescribedBehaviour } from '../../releases/describe-behaviour.ts';
import type { ReleaseNews } from '../../releases/news.ts';
import type { ChangeGroup, DiffReport, RequestChange } from '../diff/report.ts';

/** A difference between two control planes that can be made alone. */
export type UpgradeCause = {
  /** The clusters whose istiod it is, where others do not change so; absent where all do. */
  readonly clusters?: readonly string[];
} & (
  | (DescribedBehaviour & {
      readonly kind: 'behaviour';
      /** Its name in `Behaviours`. */
      readonly name: string;
      readonly before: unknown;
      readonly after: unknown;
    })
  /** The version that proxies report. */
  | { readonly kind: 'proxy-version'; readonly before: string; readonly after: string }
  /** The kinds, fields and values that the release reads. */
  | { readonly kind: 'api'; readonly before: string; readonly after: string }
);

/** Changes of one form: equal but for the resources in which they are made. */
export interface ChangeForm {
  readonly kind: Change['kind'];
  readonly type: Change['type'];
  /** The place, without the names and indexes of items; empty for the resource as a whole. */
  readonly where: string;
  /** The values, where all changes of the form have the same. */
  readonly before?: unknown;
  readonly after?: unknown;
  /** How many resources have it, each counted once for each proxy. */
  readonly resources: number;
  readonly proxies: number;
}

/** All that changes for the same reason. */
export interface UpgradeEffect {
  /** Several where only together, or each by itself, they make the changes; none where nothing explains them. */
  readonly causes: readonly UpgradeCause[];
  readonly proxies: readonly string[];
  /** How many resources change, each counted once for each proxy. */
  readonly resources: number;
  readonly forms: readonly ChangeForm[];
  /** Every change in full. */
  readonly groups: readonly ChangeGroup[];
}

/** A request that ends otherwise, and the differences that alone make it do so; none where only several together do. */
export interface UpgradeRequest extends RequestChange {
  readonly causes: readonly UpgradeCause[];
}

/** A patch of an EnvoyFilter that is for other proxies than before, because of its `proxyVersion`. */
export interface VersionedPatch {
  readonly namespace: string;
  readonly name: string;
  /** Its place in `spec.configPatches`. */
  readonly index: number;
  readonly proxyVersion: string;
  readonly file: string;
  readonly line: number;
  /** The proxies for which it begins to count, `namespace/name`, of several clusters `cluster/namespace/name`. */
  readonly starts: readonly string[];
  /** Those for which it counts no more. */
  readonly stops: readonly string[];
}

/** One of the two control planes. */
export interface ControlPlaneSide {
  /** The release, as users name it. */
  readonly release: string;
  readonly version: string;
  /** Of proxies whose pods do not tell theirs. */
  readonly proxyVersion: string;
}

/** The control plane of one of several clusters. */
export interface ControlPlaneOfCluster {
  readonly cluster: string;
  readonly before: ControlPlaneSide;
  readonly after: ControlPlaneSide;
  /** Whether it stays what it is, where others change. */
  readonly isUnchanged?: true;
}

/** What the same manifests give with another control plane. */
export interface UpgradeReport {
  /** Of several clusters, that of the first which has one. */
  readonly before: ControlPlaneSide;
  readonly after: ControlPlaneSide;
  /** Of several clusters, those of all that have one, by name. */
  readonly controlPlanes?: readonly ControlPlaneOfCluster[];
  readonly proxies: DiffReport['proxies'];
  readonly effects: readonly UpgradeEffect[];
  readonly patches: readonly VersionedPatch[];
  readonly requests: Omit<DiffReport['requests'], 'changed'> & { readonly changed: readonly UpgradeRequest[] };
  readonly findings: {
    /** Resources that are refused from now on. */
    readonly refused: readonly Diagnostic[];
    /** Definitions that are too old for the later release. */
    readonly outdated: readonly Diagnostic[];
    readonly introduced: readonly Diagnostic[];
    readonly fixed: readonly Diagnostic[];
    readonly unchanged: number;
  };
  readonly news: readonly ReleaseNews[];
}

/** Whether the report tells of any change. */
export function hasUpgradeChanges({ proxies, effects, patches, requests, findings }: UpgradeReport): boolean {
  const { refused, outdated, introduced, fixed } = findings;
  const all = [proxies.added, proxies.removed, effects, patches, requests.changed, refused, outdated, introduced, fixed];
  return all.some(({ length }) => length > 0);
}

/** Whether any request ends otherwise. */
export function changesRequests({ requests }: UpgradeReport): boolean {
  return requests.changed.length > 0;
}
