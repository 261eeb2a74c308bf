import type { Path, ResourceRef } from '../diagnostics/diagnostic.ts';
import type { SourceDocument } from '../source/document.ts';
import { parseText } from '../source/parse.ts';
import { type Fields, fieldsOf, isObject, listOf, own, scalarOf } from '../util/object.ts';
import { compareText } from '../util/text.ts';

/** A variable of istiod where it is written; `value` is undefined where it comes from elsewhere (`valueFrom`). */
export interface WrittenVariable {
  readonly name: string;
  readonly value: string | undefined;
  readonly document?: SourceDocument;
  readonly path: Path;
}

/** An istiod among the manifests, as far as its environment goes. */
export interface WrittenControlPlane {
  /** The resource that says it, for people. */
  readonly label: string;
  /** Later ones win. */
  readonly variables: readonly WrittenVariable[];
  /** As the values of its chart say it. */
  readonly compatibilityVersion?: WrittenVariable;
  /** Where its MeshConfig is written; earlier ones win, field by field. */
  readonly meshConfig: readonly WrittenPart[];
  readonly resource: ResourceRef;
}

/** A part of a document. */
export interface WrittenPart {
  readonly value: Fields;
  readonly document: SourceDocument;
  readonly path: Path;
}

/**
 * The istiod among the manifests: a Deployment before what an operator or Helm would make one of, one that is called `istiod` before
 * those of other revisions.
 */
export function controlPlaneOf(documents: readonly SourceDocument[]): WrittenControlPlane | undefined {
  return controlPlanesOf(documents)[0];
}

/** All that could be the istiod, the likeliest first. */
export function controlPlanesOf(documents: readonly SourceDocument[]): readonly WrittenControlPlane[] {
  const found = documents.flatMap((document) => {
    const reader = readerOf(document.value);
    if (reader === undefined) return [];
    const object = objectOf(document);
    const read = reader(object);
    return read === undefined ? [] : [{ object, read }];
  });
  found.sort(
    (a, b) =>
      rankOf(a.object) - rankOf(b.object) || compareText(a.object.key, b.object.key) || compareText(a.read.label, b.read.label),
  );
  return found.map(({ read }) => read);
}

/** A Kubernetes object that is not decoded. */
interface RawObject {
  readonly document: SourceDocument;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  readonly spec: Fields;
  /** Sorts objects of one kind. */
  readonly key: string;
}

function objectOf(document: SourceDocument): RawObject {
  const { kind, metadata, spec } = fieldsOf(document.value);
  const { name: ownName, namespace: ownNamespace } = fieldsOf(metadata);
  const [name, namespace] = [text(ownName), text(ownNamespace)];
  return { document, kind: text(kind), name, namespace, spec: fieldsOf(spec), key: `${namespace}/${name}` };
}

type Reader = (object: RawObject) => WrittenControlPlane | undefined;

/** How a kind tells of istiod, the best witness first. */
const readers: Readonly<Record<string, Reader>> = {
  Deployment: readDeployment,
  IstioOperator: readOperator,
  Istio: (object) => fromValues(object, object.spec.values, object.document, ['spec', 'values']),
  HelmRelease: ({ spec, ...object }) => {
    const chart = fieldsOf(fieldsOf(fieldsOf(spec.chart).spec)).chart;
    return isIstiodChart(chart) ? fromValues({ spec, ...object }, spec.values, object.document, ['spec', 'values']) : undefined;
  },
  Application: readApplication,
};
const kinds: readonly string[] = Object.keys(readers);

function rankOf({ kind, name }: RawObject): number {
  return kinds.indexOf(kind) * 2 + (kind !== 'Deployment' || name === 'istiod' ? 0 : 1);
}

function readerOf(value: unknown): Reader | undefined {
  return isObject(value) && typeof value.kind === 'string' ? own(readers, value.kind) : undefined;
}

/** Whether a document may be what runs or installs istiod. */
export function mayTellOfIstiod({ value }: SourceDocument): boolean {
  return readerOf(value) !== undefined;
}

/** The chart of istiod, whatever the repository. */
function isIstiodChart(chart: unknown): boolean {
  return typeof chart === 'string' && /(?:^|\/)istiod$/.test(chart);
}

function readDeployment({ document, name, namespace, spec }: RawObject): WrittenControlPlane | undefined {
  const pod = fieldsOf(fieldsOf(spec.template).spec);
  const containers = listOf(pod.containers);
  const isIstiod = name === 'istiod' || fieldsOf(fieldsOf(fieldsOf(spec.template).metadata).labels).app === 'istiod';
  const index = containers.findIndex((container) => fieldsOf(container).name === 'discovery');
  if (!isIstiod || index === -1) return undefined;
  const path = ['spec', 'template', 'spec', 'containers', index, 'env'];
  return {
    label: labelOf('Deployment', namespace, name),
    variables: listed(fieldsOf(containers[index]).env, document, path),
    meshConfig: [],
    resource: { kind: 'Deployment', namespace, name },
  };
}

/** Variables of a container: a list with names and values. */
function listed(env: unknown, document: SourceDocument, path: Path): readonly WrittenVariable[] {
  return listOf(env).flatMap((entry, index) => {
    const { name, value, valueFrom } = fieldsOf(entry);
    if (typeof name !== 'string') return [];
    // Kubernetes gives the empty text to a variable without a value.
    const given = isObject(valueFrom) ? undefined : (scalarOf(value) ?? '');
    return [{ name, value: given, document, path: [...path, index] }];
  });
}

/** An IstioOperator: the values of its charts, and variables of the pod beside them. */
function readOperator(object: RawObject): WrittenControlPlane | undefined {
  const { document, spec } = object;
  const plane = fromValues(object, spec.values, document, ['spec', 'values']);
  const k8s = fieldsOf(fieldsOf(fieldsOf(spec.components).pilot).k8s);
  const beside = listed(k8s.env, document, ['spec', 'components', 'pilot', 'k8s', 'env']);
  const version = scalarOf(spec.compatibilityVersion);
  const own =
    version === undefined ? undefined : variable('compatibilityVersion', version, document, ['spec', 'compatibilityVersion']);
  const compatibilityVersion = own ?? plane.compatibilityVersion;
  return {
    ...plane,
    meshConfig: [...partOf(spec.meshConfig, document, ['spec', 'meshConfig']), ...plane.meshConfig],
    variables: [...ofProfile(spec.profile, document, ['spec', 'profile']), ...plane.variables, ...beside],
    ...(compatibilityVersion && { compatibilityVersion }),
  };
}

/** An Application of Argo CD that installs the chart of istiod with values of its own. */
function readApplication(object: RawObject): WrittenControlPlane | undefined {
  const { document, spec } = object;
  const sources: readonly (readonly [unknown, Path])[] = [
    [spec.source, ['spec', 'source']],
    ...listOf(spec.sources).map((source, index): [unknown, Path] => [source, ['spec', 'sources', index]]),
  ];
  const [source, path] = sources.find(([candidate]) => isIstiodChart(fieldsOf(candidate).chart)) ?? [];
  if (path === undefined) return undefined;
  const { values, valuesObject } = fieldsOf(fieldsOf(source).helm);
  if (isObject(valuesObject)) return fromValues(object, valuesObject, document, [...path, 'helm', 'valuesObject']);
  const [inner] = typeof values === 'string' ? parseText(document.file, values, () => {}) : [];
  const place = document.locate([...path, 'helm', 'values']);
  return fromValues(object, inner?.value, { ...document, locate: () => place }, [...path, 'helm', 'values']);
}

/** The environment that the chart of istiod makes of its values; istio manifests/charts/istio-control/istio-discovery. */
function fromValues(
  { kind, namespace, name }: RawObject,
  written: unknown,
  document: SourceDocument,
  path: Path,
): WrittenControlPlane {
  const values = fieldsOf(written);
  const pilot = fieldsOf(values.pilot);
  const version = scalarOf(values.compatibilityVersion);
  return {
    label: labelOf(kind, namespace, name),
    resource: { kind, namespace, name },
    meshConfig: partOf(values.meshConfig, document, [...path, 'meshConfig']),
    variables: [
      ...ofProfile(values.profile ?? fieldsOf(values.global).profile, document, [...path, 'profile']),
      ...ofMap(values.env, document, [...path, 'env']),
      ...ofMap(pilot.env, document, [...path, 'pilot', 'env']),
      ...sampling(values.traceSampling, document, [...path, 'traceSampling']),
      ...sampling(pilot.traceSampling, document, [...path, 'pilot', 'traceSampling']),
      ...clusterName(values.global, document, [...path, 'global']),
    ],
    ...(version !== undefined && {
      compatibilityVersion: variable('compatibilityVersion', version, document, [...path, 'compatibilityVersion']),
    }),
  };
}

function partOf(value: unknown, document: SourceDocument, path: Path): readonly WrittenPart[] {
  return isObject(value) ? [{ value, document, path }] : [];
}

function ofMap(env: unknown, document: SourceDocument, path: Path): readonly WrittenVariable[] {
  return Object.entries(fieldsOf(env)).flatMap(([name, value]) => {
    const given = scalarOf(value);
    return given === undefined ? [] : [variable(name, given, document, [...path, name])];
  });
}

function sampling(value: unknown, document: SourceDocument, path: Path): readonly WrittenVariable[] {
  // The chart leaves out what is empty or zero.
  const given = scalarOf(value);
  return given === undefined || given === '' || given === '0' ? [] : [variable('PILOT_TRACE_SAMPLING', given, document, path)];
}

/** What a profile of the charts sets; istio manifests/helm-profiles. */
function ofProfile(profile: unknown, document: SourceDocument, path: Path): readonly WrittenVariable[] {
  return profile === 'ambient' ? [variable('PILOT_ENABLE_AMBIENT', 'true', document, path)] : [];
}

/** The cluster's name, of which the chart makes CLUSTER_ID. */
function clusterName(global: unknown, document: SourceDocument, path: Path): readonly WrittenVariable[] {
  const given = scalarOf(fieldsOf(fieldsOf(global).multiCluster).clusterName);
  return given === undefined || given === ''
    ? []
    : [variable('CLUSTER_ID', given, document, [...path, 'multiCluster', 'clusterName'])];
}

function variable(name: string, value: string, document: SourceDocument, path: Path): WrittenVariable {
  return { name, value, document, path };
}

/** A resource as people call it. */
export function labelOf(kind: string, namespace: string, name: string): string {
  if (name === '') return namespace === '' ? kind : `${kind} in ${namespace}`;
  return `${kind} ${namespace === '' ? name : `${namespace}/${name}`}`;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
