import type { Path } from '../../../diagnostics/diagnostic.ts';
import type { Subject } from '../../../diagnostics/problem.ts';
import type { XdsSnapshot } from '../../../envoy/snapshot.ts';
import type { Mesh } from '../../../model/mesh.ts';
import type { ConfigPlace } from '../../../model/mesh-input.ts';
import { factsOf } from '../../../model/proxies/roles.ts';
import type { Resource } from '../../../resource/resource.ts';
import { formatPath } from '../../../resource/shape.ts';
import type { SourceDocument } from '../../../source/document.ts';
import { isObject } from '../../../util/object.ts';
import { at, inConfig } from '../../subject.ts';
import { createOriginFinder } from '../origins.ts';
import { findInPatch, followSpelling } from './patched.ts';
import { outwards, type Place, pathOf } from './place.ts';
import { findWritten, isSame, valueAt, type Wanted, wantedAt } from './written.ts';

/** Who is to blame for an emitted value. */
export interface Blame {
  readonly subject: Subject;
  /** The field, for people: as it is written where that is known, else where it stands in Envoy's resource. */
  readonly field: string;
}

/** A value that Envoy refuses, and those that do not go together with it. */
export interface Refused {
  readonly place: Place;
  readonly others: readonly Place[];
}

/** What may have been written for a value: a document, and the part of it to look in first. */
interface Suspect {
  readonly document: SourceDocument;
  /** Absent for MeshConfig. */
  readonly resource: Resource | undefined;
  readonly path: Path;
}

/**
 * A finder of what was written for an emitted value. First it asks the EnvoyFilters, then looks for the value in the resources that
 * made what it stands in, in the DestinationRules of its clusters, in MeshConfig, and in all other resources that can be for the
 * proxy; where none has it, the origin of what the value stands in is to blame.
 */
export function createBlamer(
  mesh: Mesh,
  meshConfig: ConfigPlace | undefined,
): (refused: Refused, snapshot: XdsSnapshot) => Blame {
  const origins = createOriginFinder(mesh);
  const byConfigPath = new Map(mesh.resources.map((resource) => [configKey(resource), resource]));

  const patchFor = (place: Place, namespace: string): Blame | undefined => {
    for (const likeness of ['whole', 'any'] as const) {
      for (const patch of mesh.envoyFilters.patches) {
        if (patch.resource.namespace !== mesh.rootNamespace && patch.resource.namespace !== namespace) continue;
        const path = findInPatch(patch, place, likeness);
        if (path !== undefined) return { subject: at(patch.resource, path), field: formatPath(path) };
      }
    }
    return undefined;
  };

  const suspectsFor = (place: Place, snapshot: XdsSnapshot): readonly Suspect[] => {
    const made: Suspect[] = [];
    for (const { value } of outwards(place)) {
      const found = origins.find(value);
      if (found !== undefined) made.push({ document: found.resource.document, ...found });
    }
    const named = clustersAround(place).flatMap((name) => snapshot.clusters.filter((cluster) => cluster.name === name));
    const rules = [...outwards(place)]
      .map(({ value }) => value)
      .concat(named)
      .flatMap((value) => byConfigPath.get(configOf(value)) ?? []);
    const whole = [...made.map(({ resource }) => resource), ...rules].flatMap((resource) =>
      resource === undefined ? [] : [{ document: resource.document, resource, path: ['spec'] }],
    );
    return [
      ...made,
      ...whole,
      ...(meshConfig === undefined ? [] : [{ document: meshConfig.document, resource: undefined, path: [] }]),
    ];
  };

  const othersFor = ({ proxy }: XdsSnapshot): readonly Suspect[] =>
    mesh.resources
      .filter(({ group, kind, namespace, name }) =>
        kind === 'Pod'
          ? name === proxy.name && namespace === proxy.namespace
          : /\.(istio|k8s)\.io$/.test(group) && (namespace === proxy.namespace || namespace === mesh.rootNamespace),
      )
      .map((resource) => ({
        document: resource.document,
        resource,
        path: resource.kind === 'Pod' ? ['metadata', 'annotations'] : ['spec'],
      }));

  const search = (suspects: readonly Suspect[], wanted: Wanted): Blame | undefined => {
    const found = suspects.flatMap((suspect) => {
      // Where a patch has a value is told by its structure.
      const written =
        suspect.resource?.kind === 'EnvoyFilter' ? undefined : findWritten(suspect.document.value, suspect.path, wanted);
      return written === undefined ? [] : [{ ...suspect, written }];
    });
    const best = found.find(({ written }) => isSame(written)) ?? found[0];
    if (best === undefined) return undefined;
    const { resource, written } = best;
    const { path } = written;
    const subject = resource === undefined ? meshConfig && inConfig(meshConfig, path) : at(resource, path);
    return { subject: subject ?? {}, field: formatPath(path) };
  };

  /** The resource that made what the value stands in. */
  const maker = (place: Place): Blame => {
    const whole = pathOf(place);
    for (const holder of outwards(place)) {
      const found = origins.find(holder.value);
      if (found === undefined) continue;
      const way = whole.slice(pathOf(holder).length);
      // A patch has the structure of what it adds.
      const depth = found.resource.kind === 'EnvoyFilter' ? way : [];
      const path = followSpelling(found.resource.document.value, found.path, depth);
      const rest = depth.length === 0 ? whole : way.slice(path.length - found.path.length);
      return {
        subject: at(found.resource, path),
        field: [path, rest]
          .filter(({ length }) => length > 0)
          .map(formatPath)
          .join(': '),
      };
    }
    return { subject: {}, field: formatPath(whole) };
  };

  return ({ place, others }, snapshot) => {
    const { namespace } = snapshot.proxy;
    const patched = patchFor(place, namespace);
    if (patched !== undefined) return patched;
    for (const other of others) {
      const found = patchFor(other, namespace);
      if (found !== undefined) return { ...found, field: `${found.field}: ${formatPath(pathOf(place))}` };
    }
    const wanted = wantedAt(place, hintsFor(place, snapshot));
    return search(suspectsFor(place, snapshot), wanted) ?? search(othersFor(snapshot), wanted) ?? maker(place);
  };
}

/** Names of MeshConfig for what Envoy has under another name. */
function hintsFor(place: Place, { proxy }: XdsSnapshot): readonly string[] {
  const messages = [...outwards(place)].map(({ message = '' }) => message.slice(message.lastIndexOf('.') + 1));
  if (messages.includes('UpstreamTlsContext')) return ['defaults'];
  if (!messages.includes('DownstreamTlsContext')) return [];
  return factsOf[proxy.type].isLabelledForTls ? ['mesh', 'mtls'] : ['defaults'];
}

/** The clusters that the things around a value send to. */
function clustersAround(place: Place): readonly string[] {
  return [...outwards(place)].flatMap(({ value, message }) => {
    if (message !== 'envoy.config.route.v3.Route' || !isObject(value)) return [];
    const single = valueAt(value, ['route', 'cluster']);
    const weighted = valueAt(value, ['route', 'weightedClusters', 'clusters']);
    const names = [single, ...(Array.isArray(weighted) ? weighted.map((each) => valueAt(each, ['name'])) : [])];
    return names.filter((name) => typeof name === 'string');
  });
}

/** The API path of the resource that Istio names in the metadata of what it made. */
function configOf(value: unknown): string {
  const config = valueAt(value, ['metadata', 'filterMetadata', 'istio', 'config']);
  return typeof config === 'string' ? config.replace(/^.*\/namespaces\//, '') : '';
}

function configKey({ kind, namespace, name }: Resource): string {
  return `${namespace}/${kind.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase()}/${name}`;
}
