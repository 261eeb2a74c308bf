import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Input } from '../input/load.ts';
import { buildMesh } from '../model/build-mesh.ts';
import { isConfiguration, primaryOf } from '../model/clusters.ts';
import type { ClusterInput } from '../model/mesh-input.ts';
import type { Resource } from '../resource/resource.ts';
import type { Fleet } from './analyzers/support/fleet.ts';
import {
  chosenAnalyzers,
  type FindingsChoice,
  type FindingsSubject,
  findingsOfAnalyzers,
  findingsOfMesh,
  findingsOfReading,
  readerOf,
  withDocuments,
} from './findings.ts';
import { withoutToldRules } from './policy/precedence.ts';

/**
 * All that is wrong with several clusters, each finding once. What istiods read in each cluster (Services, pods, namespaces) is judged as it
 * stands there, with the configuration that it is for; configuration by all that its istiod sees, so that what another cluster has is
 * not missing; and what only several clusters show, over all of them. `inputs` are those of all clusters, `primaries` what each
 * istiod makes of them.
 */
export function findingsOfClusters(
  inputs: readonly Input[],
  primaries: readonly FindingsSubject[],
  choice: FindingsChoice,
): readonly Diagnostic[] {
  const chosen = chosenAnalyzers(choice);
  const ofOne = chosen.filter(({ isOfFleet }) => !isOfFleet);
  const fleet = fleetOf(inputs, primaries);
  const ofClusters = new Set(inputs.flatMap(({ written }) => written.filter(isOfCluster).map(placeOfResource)));
  const isOfOneCluster = (finding: Diagnostic): boolean => ofClusters.has(placeOfFinding(finding));
  const joint = primaries.flatMap((subject) => {
    const others = inputs.filter((input) => input !== subject.input);
    const reader = readerOf(subject.input, choice, {
      ...(subject.input.namespace !== '' && {
        installed: inputs.flatMap(({ installed }) => installed),
        issued: inputs.flatMap(({ issued }) => issued),
      }),
      elsewhere: others.flatMap(({ written }) => written.filter(isOfCluster)),
      buildMesh: () => subject.mesh,
      fleet,
    });
    return findingsOfAnalyzers(reader, ofOne, inputs, choice).filter((finding) => !isOfOneCluster(finding));
  });
  const single = inputs.flatMap((input) => {
    const primary = primaryOfInput(input, fleet, primaries);
    const own = new Set(input.written.filter(isOfCluster).map(placeOfResource));
    const reader = readerOf(primary.input, choice, {
      resources: together(input.written, primary.input.written),
      ...(input.namespace !== '' && { installed: input.installed, issued: input.issued }),
      buildMesh: () => buildMesh({ ...primary.meshInput, clusters: [aloneIn(input, primary)] }),
      fleet,
    });
    return findingsOfAnalyzers(reader, ofOne, inputs, choice).filter((finding) => own.has(placeOfFinding(finding)));
  });
  const [first] = primaries;
  const ofFleet =
    first === undefined
      ? []
      : findingsOfAnalyzers(
          readerOf(first.input, choice, { buildMesh: () => first.mesh, fleet }),
          chosen.filter(({ isOfFleet }) => isOfFleet),
          inputs,
          choice,
        );
  return withDocuments(
    inputs,
    [
      ...inputs.flatMap((input) => findingsOfReading(input, choice)),
      ...joint,
      ...single,
      ...ofFleet,
      ...withoutToldRules(onceEach(primaries.map((subject) => findingsOfMesh(subject, choice))), [
        ...joint,
        ...single,
        ...ofFleet,
      ]),
    ],
    choice,
  );
}

/** Whether istiods read a resource in whatever cluster it stands, or nobody of them does. */
function isOfCluster(resource: Resource): boolean {
  return !isConfiguration(resource) && resource.group !== 'networking.k8s.io';
}

function fleetOf(inputs: readonly Input[], primaries: readonly FindingsSubject[]): Fleet {
  const clusters = primaries[0]?.meshInput.clusters ?? [];
  return {
    clusters: inputs.flatMap((input) => {
      const cluster = clusters.find(({ name }) => name === input.cluster?.name);
      if (cluster === undefined) return [];
      return [{ name: cluster.name, primary: primaryOf(cluster, clusters), written: input.written, input: cluster }];
    }),
    get meshes() {
      return new Map(primaries.map((subject) => [nameOf(subject), subject.mesh]));
    },
  };
}

function nameOf({ meshInput }: FindingsSubject): string {
  return meshInput.clusters[0].name;
}

function primaryOfInput(input: Input, { clusters }: Fleet, primaries: readonly FindingsSubject[]): FindingsSubject {
  const cluster = clusters.find(({ name }) => name === input.cluster?.name);
  const primary = primaries.find((subject) => nameOf(subject) === cluster?.primary);
  if (primary === undefined) throw new TypeError('there is a primary for each cluster');
  return primary;
}

/** What stands in a cluster with the configuration that counts there. */
function together(own: readonly Resource[], ofPrimary: readonly Resource[]): readonly Resource[] {
  return own === ofPrimary ? own : [...own.filter(isOfCluster), ...ofPrimary.filter((resource) => !isOfCluster(resource))];
}

/** The same as a mesh is built from it. */
function aloneIn({ cluster }: Input, { meshInput: { clusters } }: FindingsSubject): ClusterInput {
  const [primary] = clusters;
  const own = clusters.find(({ name }) => name === cluster?.name) ?? primary;
  return { ...primary, name: own.name, network: own.network, resources: together(own.resources, primary.resources) };
}

function placeOfResource({ kind, name, document }: Resource): string {
  return `${document.file} ${kind} ${name}`;
}

function placeOfFinding({ resource, location }: Diagnostic): string {
  return `${location?.file} ${resource?.kind} ${resource?.name}`;
}

/** Findings of several meshes without those about what another has told of at the same place. */
function onceEach(lists: readonly (readonly Diagnostic[])[]): readonly Diagnostic[] {
  const told = new Set<string>();
  return lists.flatMap((findings) => {
    const keys = findings.map(({ code, location, path, message }) =>
      JSON.stringify(location === undefined ? [code, message] : [code, location, path]),
    );
    const fresh = findings.filter((_, index) => !told.has(keys[index] ?? ''));
    for (const key of keys) told.add(key);
    return fresh;
  });
}
