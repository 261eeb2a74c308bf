import { join, normalize } from 'node:path';
import type { SourceDocument } from '../source/document.ts';
import type { SourceText } from '../source/load.ts';
import { parseText } from '../source/parse.ts';
import { folderOf } from '../source/walk.ts';
import { type Fields, fieldsOf, isObject, listOf, own } from '../util/object.ts';

/** A kustomization: a folder whose manifests are made by a build. */
export interface Kustomization {
  readonly folder: string;
  readonly file: string;
  /** Whether what it builds differs from the manifests that it lists. */
  readonly changesThem: boolean;
  /** The namespace that it gives to what it lists. */
  readonly namespace: string | undefined;
  /** The files and folders that it lists, relative to its own. */
  readonly lists: readonly string[];
  /** Files, and folders, that are parts of its build and no manifests: patches, replacements, values. */
  readonly parts: readonly string[];
}

const FILE_NAMES: readonly string[] = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];
/** Fields that only list manifests or say what the object is. */
const harmless: readonly string[] = ['apiVersion', 'kind', 'metadata', 'resources', 'bases', 'sortOptions', 'buildMetadata'];

/** The kustomization that a text is; undefined for other texts. */
export function kustomizationOf({ file, text }: SourceText): Kustomization | undefined {
  if (!FILE_NAMES.includes(file.slice(file.lastIndexOf('/') + 1))) return undefined;
  const value = parseText(file, text, () => {})[0]?.value;
  if (!isObject(value)) return undefined;
  // Flux has a kind of that name for what it applies.
  const { apiVersion } = value;
  if (typeof apiVersion === 'string' && !apiVersion.startsWith('kustomize.config.k8s.io/')) return undefined;
  const folder = folderOf(file);
  return {
    folder,
    file,
    changesThem: value.kind === 'Component' || Object.keys(value).some((field) => !harmless.includes(field)),
    namespace: textOf(value.namespace),
    lists: ['resources', 'bases', 'components'].flatMap((field) =>
      listOf(own(value, field)).flatMap((path) => textOf(path) ?? []),
    ),
    parts: partsOf(value).map((path) => normalize(join(folder, path))),
  };
}

/**
 * Whether an object is a patch of one: a workload without what says which pods it has, which no cluster takes. What a project's generator
 * makes (kubebuilder) has some in comments of kustomization.yaml, to be used one day.
 */
export function isPatch({ value }: SourceDocument): boolean {
  const { apiVersion, kind, spec } = fieldsOf(value);
  return apiVersion === 'apps/v1' && patchedKinds.includes(kind) && isObject(spec) && spec.selector === undefined;
}

/**
 * Whether an object is a patch wherever it lies: it says so, or it is a workload that says neither which pods it has nor what runs in
 * them, or it says of a definition only how it is converted or who signs its certificates (kubebuilder).
 */
export function isPatchAnywhere(document: SourceDocument): boolean {
  const { $patch, kind, metadata, spec } = fieldsOf(document.value);
  if ($patch !== undefined) return true;
  if (kind === 'CustomResourceDefinition') {
    const { names, conversion } = fieldsOf(spec);
    if (spec === undefined) return own(fieldsOf(fieldsOf(metadata).annotations), 'cert-manager.io/inject-ca-from') !== undefined;
    return names === undefined && conversion !== undefined;
  }
  if (!isPatch(document)) return false;
  const { metadata: ofPods, spec: pod } = fieldsOf(fieldsOf(spec).template);
  const containers = listOf(fieldsOf(pod).containers);
  return (
    fieldsOf(ofPods).labels === undefined &&
    (containers.length === 0 || containers.some((container) => fieldsOf(container).image === undefined))
  );
}

const patchedKinds: readonly unknown[] = ['DaemonSet', 'Deployment', 'ReplicaSet', 'StatefulSet'];

/** The paths that fields of a kustomization name and that hold no manifests; kustomize api/types Kustomization. */
function partsOf(value: Fields): readonly string[] {
  return [
    ...listOf(value.patches).map((patch) => textOf(fieldsOf(patch).path)),
    ...listOf(value.patchesJson6902).map((patch) => textOf(fieldsOf(patch).path)),
    ...listOf(value.replacements).map((replacement) => textOf(fieldsOf(replacement).path)),
    ...['patchesStrategicMerge', 'transformers', 'generators', 'validators', 'configurations', 'crds'].flatMap((field) =>
      listOf(own(value, field)).map(textOf),
    ),
    ...['configMapGenerator', 'secretGenerator'].flatMap((field) => listOf(own(value, field)).flatMap(generatedFrom)),
    textOf(fieldsOf(value.openapi).path),
    ...listOf(value.helmCharts).flatMap((chart) => {
      const { valuesFile, additionalValuesFiles } = fieldsOf(chart);
      return [textOf(valuesFile), ...listOf(additionalValuesFiles).map(textOf)];
    }),
  ].filter((path) => path !== undefined);
}

function generatedFrom(generator: unknown): readonly (string | undefined)[] {
  const { files, envs, env } = fieldsOf(generator);
  // `key=path` names the key under which a file is kept.
  const withoutKey = (entry: string | undefined): string | undefined => entry?.slice(entry.indexOf('=') + 1);
  return [...listOf(files).map(textOf).map(withoutKey), ...listOf(envs).map(textOf), textOf(env)];
}

/** A path; a patch that stands in the kustomization itself is none. */
function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && !value.includes('\n') ? value : undefined;
}
