import type { SourceDocument } from '../source/document.ts';
import { isObject } from '../util/object.ts';

/** An object of another kind as the controller of pods that it is for. */
export interface StandIn {
  readonly kind: 'ReplicaSet' | 'Job';
  readonly group: 'apps' | 'batch';
  readonly value: Readonly<Record<string, unknown>>;
  readonly document: SourceDocument;
}

type Fields = Readonly<Record<string, unknown>>;

/** How each of these kinds is read, by group and kind. */
const readers: ReadonlyMap<string, (value: Fields, spec: Fields, document: SourceDocument) => StandIn | undefined> = new Map([
  // A Rollout without a template takes that of the workload that it refers to, which stands for its pods.
  ['argoproj.io/Rollout', (value, spec, document) => (isObject(spec.template) ? replicaSet(value, spec, document) : undefined)],
  ['apps.openshift.io/DeploymentConfig', readDeploymentConfig],
  ['batch/CronJob', readCronJob],
]);

/** Whether a kind stands for pods although it is none of Kubernetes' controllers that mesh reads as they are. */
export function isOtherWorkload(group: string, kind: string): boolean {
  return readers.has(`${group}/${kind}`);
}

/**
 * Rollouts of Argo, DeploymentConfigs of OpenShift and CronJobs as what they make: a ReplicaSet, or a Job, of the same name.
 * Undefined for other kinds, and for what makes no pods of its own.
 */
export function standInOf(group: string, value: Fields, document: SourceDocument): StandIn | undefined {
  const spec = isObject(value.spec) ? value.spec : {};
  return readers.get(`${group}/${String(value.kind)}`)?.(value, spec, document);
}

function replicaSet(value: Fields, spec: Fields, document: SourceDocument): StandIn {
  const { replicas, selector, template } = spec;
  return {
    kind: 'ReplicaSet',
    group: 'apps',
    value: { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: value.metadata, spec: { replicas, selector, template } },
    document,
  };
}

function readDeploymentConfig(value: Fields, spec: Fields, document: SourceDocument): StandIn {
  const metadata = isObject(spec.template) ? spec.template.metadata : undefined;
  // Its selector is a map of labels; without one, the labels of its pods are.
  const matchLabels = spec.selector ?? (isObject(metadata) ? metadata.labels : undefined);
  return replicaSet(value, { ...spec, selector: { matchLabels } }, document);
}

function readCronJob(value: Fields, spec: Fields, document: SourceDocument): StandIn | undefined {
  if (!isObject(spec.jobTemplate) || !isObject(spec.jobTemplate.spec)) return undefined;
  return {
    kind: 'Job',
    group: 'batch',
    value: { apiVersion: 'batch/v1', kind: 'Job', metadata: value.metadata, spec: spec.jobTemplate.spec },
    document: {
      ...document,
      locate: (path, on) => document.locate(path[0] === 'spec' ? ['spec', 'jobTemplate', 'spec', ...path.slice(1)] : path, on),
    },
  };
}
