import type { TracedChange } from '../../diff/changes.ts';
import { differencesOf } from '../../diff/differences.ts';
import { canonicalText } from '../../diff/list-rules.ts';
import type { Input } from '../../input/load.ts';
import type { Resource } from '../../resource/resource.ts';
import type { SourceDocument } from '../../source/document.ts';
import { memo } from '../../util/memo.ts';
import { isObject } from '../../util/object.ts';
import type { Origin } from '../../util/origin.ts';
import { type ManifestConfiguration, reopened } from './configuration.ts';
import { type ChangesOf, type Comparison, changesBetween, type Effects, effectsOf, namesakes } from './proxy-changes.ts';
import type { Cause, Edit } from './report.ts';

/** What a user edits as one thing: a resource with what derives from it (the pods of a Deployment), or MeshConfig. */
interface Unit {
  readonly id: string;
  /** Its cluster, where there are several. */
  readonly cluster?: string | undefined;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly resources: readonly Resource[];
  /** Absent for MeshConfig. */
  readonly document?: SourceDocument;
  /** What stands in the input; positions are known of documents only. */
  readonly value: unknown;
  readonly file: string;
  /** Equal for units that mean the same. */
  readonly text: string;
}

interface ChangedUnit {
  readonly id: string;
  readonly before?: Unit;
  readonly after?: Unit;
  readonly cause: Cause;
  /** Of the edit of MeshConfig: what it is afterwards. */
  readonly config?: Pick<Input, 'meshConfig' | 'meshNetworks'>;
}

/** How much work may go into replaying edits one by one: proxies that are compiled again. */
const REPLAY_LIMIT = 400;
const CONFIG = 'MeshConfig';

/**
 * Finds out which edits of the input make which changes: the only one there is, else those that make the change when made alone,
 * else those of the resource that made the part of the configuration around it.
 */
export function createExplainer(
  before: ManifestConfiguration,
  after: ManifestConfiguration,
  changesOf: ChangesOf,
  compare: Comparison,
): (proxy: string, change: TracedChange) => readonly Cause[] {
  const units = changedUnits(before, after);
  const [only, ...others] = units;
  if (only === undefined || others.length === 0) {
    const causes = only === undefined ? [] : [only.cause];
    return () => causes;
  }
  const replayed = units.length * changesOf.size <= REPLAY_LIMIT ? replay(before, units, changesOf, compare) : undefined;
  const byResource = new Map(units.flatMap((unit) => [unit.before, unit.after].flatMap((side) => resourceIds(side, unit))));
  const byDocument = new Map(units.flatMap((unit) => [unit.before, unit.after].flatMap((side) => documentsOf(side, unit))));
  // Resources of two clusters can have one name.
  const ofOrigin = (origin: Origin | undefined): ChangedUnit | undefined =>
    origin && (byDocument.get(origin.resource) ?? byResource.get(resourceId(origin.resource)));
  const byOrigin = memo((change: TracedChange): readonly Cause[] => {
    const maker = ofOrigin(change.afterOrigin) ?? ofOrigin(change.beforeOrigin);
    return maker === undefined ? [] : [maker.cause];
  });
  return (proxy, change) => {
    // What proxies have in common is explained once.
    if (replayed === undefined) return byOrigin(change);
    const makers = units.filter(({ id }) => replayed.get(id)?.get(proxy)?.keys.has(change.key));
    if (makers.length > 0) return makers.map(({ cause }) => cause);
    const touching = units.filter(({ id }) => replayed.get(id)?.get(proxy)?.places.has(change.place));
    return touching.length > 0 ? touching.map(({ cause }) => cause) : byOrigin(change);
  };
}

/** What each edit does when it is the only one, by unit. */
function replay(
  before: ManifestConfiguration,
  units: readonly ChangedUnit[],
  changesOf: ChangesOf,
  compare: Comparison,
): ReadonlyMap<string, Effects> {
  const changed = namesakes([...changesOf.keys()]);
  return new Map(
    units.map((unit) => {
      const side = reopened(
        before,
        before.inputs.map((input) => (isIn(unit, input) ? edited(input, unit) : input)),
      );
      return [unit.id, effectsOf(changesBetween(before, side, changed, compare))];
    }),
  );
}

/** Whether a unit stands in an input, which is that of a cluster where there are several. */
function isIn({ before, after }: ChangedUnit, { cluster }: Input): boolean {
  return (before ?? after)?.cluster === cluster?.name;
}

/** The input with one unit as it is on the other side. */
function edited(input: Input, { before, after, config }: ChangedUnit): Input {
  if (config !== undefined) return { ...input, ...config };
  const replaced = new Set(before?.resources);
  return { ...input, resources: [...input.resources.filter((resource) => !replaced.has(resource)), ...(after?.resources ?? [])] };
}

function changedUnits(before: ManifestConfiguration, after: ManifestConfiguration): readonly ChangedUnit[] {
  const [earlier, later] = [unitsOf(before), unitsOf(after)];
  const ids = [...new Set([...earlier.keys(), ...later.keys()])].sort();
  return ids.flatMap((id) => {
    const [from, to] = [earlier.get(id), later.get(id)];
    if (from?.text === to?.text) return [];
    const cause = causeOf(from, to);
    if (cause === undefined) return [];
    const { meshConfig = {}, meshNetworks } = after.inputs.find((input) => input.cluster?.name === (from ?? to)?.cluster) ?? {};
    return [
      {
        id,
        cause,
        ...(from && { before: from }),
        ...(to && { after: to }),
        ...(cause.kind === CONFIG && { config: { meshConfig, meshNetworks } }),
      },
    ];
  });
}

function unitsOf({ inputs, meshConfigFile }: ManifestConfiguration): ReadonlyMap<string, Unit> {
  return new Map(inputs.flatMap((input) => [...unitsOfInput(input, meshConfigFile)]));
}

function unitsOfInput(input: Input, meshConfigFile: string | undefined): ReadonlyMap<string, Unit> {
  const cluster = input.cluster?.name;
  const idOf = (...parts: readonly string[]): string => [...(cluster === undefined ? [] : [cluster]), ...parts].join('/');
  const groups = new Map<string, { readonly maker: Maker; readonly resources: Resource[] }>();
  for (const resource of input.resources) {
    if (isMeshConfigMap(resource)) continue;
    const maker = makerOf(resource);
    const id = idOf(maker.kind, maker.namespace, maker.name);
    const group = groups.get(id) ?? { maker, resources: [] };
    groups.set(id, group);
    group.resources.push(resource);
  }
  const units = new Map<string, Unit>();
  for (const [id, { maker, resources }] of groups) {
    const { value, file } = maker.document;
    units.set(id, { id, cluster, ...maker, resources, value, file, text: canonicalText(resources.map(meaningOf)) });
  }
  const { meshConfig, meshNetworks } = input;
  const value = { ...meshConfig, ...(meshNetworks && { meshNetworks }) };
  const file = meshConfigFile ?? input.resources.find(isMeshConfigMap)?.document.file ?? '';
  units.set(idOf(CONFIG), {
    id: idOf(CONFIG),
    cluster,
    kind: CONFIG,
    namespace: '',
    name: '',
    resources: [],
    value,
    file,
    text: canonicalText(value),
  });
  return units;
}

/** The ConfigMap that holds MeshConfig counts as that. */
function isMeshConfigMap({ kind, name }: Resource): boolean {
  return kind === 'ConfigMap' && name === 'istio';
}

interface Maker {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly document: SourceDocument;
}

/** The object that a user wrote: of a pod that derives from a Deployment, the Deployment. */
function makerOf({ kind, namespace, name, document }: Resource): Maker {
  const { value } = document;
  const metadata = isObject(value) && isObject(value.metadata) ? value.metadata : undefined;
  if (!isObject(value) || typeof value.kind !== 'string' || typeof metadata?.name !== 'string') {
    return { kind, namespace, name, document };
  }
  return { kind: value.kind, namespace, name: metadata.name, document };
}

function meaningOf({ kind, group, namespace, name, labels, annotations, createdAt, spec, status }: Resource): object {
  return {
    kind,
    group,
    namespace,
    name,
    labels,
    annotations,
    createdAt: createdAt ?? null,
    spec: spec ?? null,
    status: status ?? null,
  };
}

function causeOf(before: Unit | undefined, after: Unit | undefined): Cause | undefined {
  const unit = after ?? before;
  if (unit === undefined) return undefined;
  const { kind, namespace, name, document, file } = unit;
  const change = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed';
  const edits = editsOf(before, after);
  const [first] = edits;
  const line = change === 'changed' && first !== undefined ? first.line : document?.locate(['metadata', 'name']).line;
  return { kind, namespace, name, change, file, ...(line !== undefined && { line }), edits };
}

function editsOf(before: Unit | undefined, after: Unit | undefined): readonly Edit[] {
  if (before === undefined || after === undefined) return [];
  return differencesOf(before.value, after.value).map(({ kind, where, path, before: from, after: to }) => {
    const side = kind === 'removed' ? before : after;
    const line = side.document?.locate(path, kind === 'changed' ? 'value' : 'key').line;
    return {
      kind,
      where,
      ...(from !== undefined && { before: from }),
      ...(to !== undefined && { after: to }),
      file: side.file,
      ...(line !== undefined && { line }),
    };
  });
}

function resourceIds(unit: Unit | undefined, changed: ChangedUnit): readonly (readonly [string, ChangedUnit])[] {
  return (unit?.resources ?? []).map((resource) => [resourceId(resource), changed] as const);
}

function documentsOf(unit: Unit | undefined, changed: ChangedUnit): readonly (readonly [object, ChangedUnit])[] {
  return (unit?.resources ?? []).map((resource) => [resource, changed] as const);
}

function resourceId({ kind, namespace, name }: Origin['resource']): string {
  return [kind, namespace, name].join('/');
}
