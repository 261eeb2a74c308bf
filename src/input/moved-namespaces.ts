import { didYouMean } from '../diagnostics/did-you-mean.ts';
import { usageError } from '../diagnostics/user-error.ts';
import { DATAPLANE_MODE, TUNNEL } from '../resource/ambient-labels.ts';
import type { SourceDocument } from '../source/document.ts';
import { nearestNames } from '../util/nearest.ts';
import { type Fields, fieldsOf, isObject, listOf, stringOf } from '../util/object.ts';
import { type ReadFile, readDocuments } from './repository.ts';

const REVISION = 'istio.io/rev';
const INJECT = 'sidecar.istio.io/inject';
/** What a namespace asks for sidecars with. */
const OF_NAMESPACE: readonly string[] = ['istio-injection', REVISION];
/** What a pod asks for a sidecar with, and what the injector leaves behind. */
const OF_POD: readonly string[] = [INJECT, REVISION, 'security.istio.io/tlsMode', TUNNEL];
const ANNOTATIONS_OF_POD: readonly string[] = [INJECT, 'sidecar.istio.io/status'];
/** The containers that the injector adds. */
const INJECTED: readonly string[] = ['istio-proxy', 'istio-init', 'istio-validation'];

/**
 * The manifests as they would be once these namespaces were moved from sidecars to ambient mode: the label on the Namespace, which is
 * made where there is none, and nothing that asks for a sidecar or is one. Gateways stay as they are. `namespaceOf` is that of what
 * names none, by file.
 */
export function movedToAmbient(
  files: readonly ReadFile[],
  namespaces: readonly string[],
  namespaceOf: (file: string) => string,
): readonly ReadFile[] {
  const moving = new Set(namespaces);
  const placeOf = ({ file, value }: SourceDocument): string => {
    const { namespace } = fieldsOf(fieldsOf(value).metadata);
    return typeof namespace === 'string' && namespace !== '' ? namespace : namespaceOf(file);
  };
  const documents = files.flatMap((file) => file.documents);
  const given = new Set(documents.flatMap((document) => nameOfNamespace(document) ?? []));
  const used = [...new Set([...given, ...documents.map(placeOf)])].sort();
  for (const name of moving) {
    if (!used.includes(name))
      throw usageError(`--ambient-namespace ${name}: nothing is in it${didYouMean(nearestNames(name, used))}`);
  }
  const moved = files.map((file) => ({
    ...file,
    documents: file.documents.map((document) => {
      const name = nameOfNamespace(document);
      if (name !== undefined) return moving.has(name) ? withValue(document, ofNamespace(document.value)) : document;
      return moving.has(placeOf(document)) ? withValue(document, withoutSidecars(document.value)) : document;
    }),
  }));
  const missing = [...moving].filter((name) => !given.has(name)).sort();
  return missing.length === 0 ? moved : [...moved, readDocuments({ file: '--ambient-namespace', text: made(missing) })];
}

function made(names: readonly string[]): string {
  const object = (name: string): object => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { [DATAPLANE_MODE]: 'ambient' } },
  });
  return names.map((name) => JSON.stringify(object(name))).join('\n---\n');
}

function nameOfNamespace({ value }: SourceDocument): string | undefined {
  const { kind, apiVersion, metadata } = fieldsOf(value);
  const { name } = fieldsOf(metadata);
  return kind === 'Namespace' && apiVersion === 'v1' && typeof name === 'string' ? name : undefined;
}

/** The same document with another value; what it has more stands where its parent does. */
function withValue(document: SourceDocument, value: unknown): SourceDocument {
  if (value === document.value) return document;
  const { file, index } = document;
  return {
    file,
    index,
    value,
    locate: (path, on) => document.locate(path, on),
    ...(document.reference !== undefined && { reference: (path) => document.reference?.(path) ?? 0 }),
  };
}

function ofNamespace(value: unknown): unknown {
  const { metadata, ...rest } = fieldsOf(value);
  const { labels, ...others } = fieldsOf(metadata);
  return { ...rest, metadata: { ...others, labels: { ...without(labels, OF_NAMESPACE), [DATAPLANE_MODE]: 'ambient' } } };
}

/** A pod, or what makes pods, without sidecars. */
function withoutSidecars(value: unknown): unknown {
  const object = fieldsOf(value);
  if (object.kind === 'Pod') return ofPod(object);
  const spec = fieldsOf(object.spec);
  if (isObject(spec.template)) return { ...object, spec: { ...spec, template: ofPod(spec.template) } };
  return isObject(spec.jobTemplate) ? { ...object, spec: { ...spec, jobTemplate: withoutSidecars(spec.jobTemplate) } } : value;
}

function ofPod(pod: Fields): object {
  const metadata = fieldsOf(pod.metadata);
  const { labels, annotations } = metadata;
  const spec = fieldsOf(pod.spec);
  if (isGateway(fieldsOf(annotations), fieldsOf(labels), spec)) return pod;
  const left = {
    ...(isObject(labels) && { labels: without(labels, isAsking(labels) ? OF_POD : OF_POD.filter((label) => label !== INJECT)) }),
    ...(isObject(annotations) && { annotations: without(annotations, ANNOTATIONS_OF_POD) }),
  };
  const containers = (field: 'containers' | 'initContainers'): object =>
    Array.isArray(spec[field]) ? { [field]: spec[field].filter((one) => !isInjected(one)) } : {};
  return {
    ...pod,
    ...(isObject(pod.metadata) && { metadata: { ...metadata, ...left } }),
    ...(isObject(pod.spec) && { spec: { ...spec, ...containers('containers'), ...containers('initContainers') } }),
  };
}

/** Whether a pod asks for a sidecar; that it wants none may stay. */
function isAsking(labels: Fields): boolean {
  return labels[INJECT] !== 'false';
}

/** As model/registry/injection.ts knows gateways and waypoints. */
function isGateway(annotations: Fields, labels: Fields, { containers }: Fields): boolean {
  const templates = stringOf(annotations['inject.istio.io/templates']).split(',');
  return (
    templates.some((template) => template.trim() === 'gateway') ||
    labels['gateway.networking.k8s.io/gateway-name'] !== undefined ||
    listOf(containers).some((one) => listOf(fieldsOf(one).args).some((word) => word === 'router' || word === 'waypoint'))
  );
}

function isInjected(container: unknown): boolean {
  const { name } = fieldsOf(container);
  return typeof name === 'string' && INJECTED.includes(name);
}

function without(fields: unknown, names: readonly string[]): object {
  return Object.fromEntries(Object.entries(fieldsOf(fields)).filter(([name]) => !names.includes(name)));
}
