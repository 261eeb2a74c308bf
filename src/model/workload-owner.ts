import type { PodSpec } from '../api/kubernetes.ts';
import type { Resource } from '../resource/resource.ts';

/** The workload that a pod belongs to. */
export interface WorkloadOwner {
  readonly name: string;
  readonly kind: string;
}

/**
 * The owner of a pod whose name was generated: its controller, with the Deployment of a ReplicaSet, the Rollout, DeploymentConfig
 * or CronJob guessed from names and labels; other pods own themselves. A label can name another workload.
 * As istio pkg/kube/util.go GetWorkloadMetaFromPod.
 */
export function workloadOwner(pod: Resource<PodSpec>): WorkloadOwner {
  const owner = controllerOf(pod);
  const name = pod.labels['service.istio.io/workload-name'] ?? owner.name;
  return { ...owner, name };
}

function controllerOf(pod: Resource<PodSpec>): WorkloadOwner {
  const controller = pod.generateName ? pod.ownerReferences?.find(({ controller }) => controller === true) : undefined;
  if (controller === undefined) return { name: pod.name, kind: 'Pod' };
  const { name, kind } = controller;
  if (kind === 'ReplicaSet') {
    for (const [label, guess] of [
      ['pod-template-hash', 'Deployment'],
      ['rollouts-pod-template-hash', 'Rollout'],
    ] as const) {
      const hash = pod.labels[label];
      if (hash && name.endsWith(hash)) return named(trimSuffix(name, `-${hash}`), guess, pod);
    }
  }
  const deploymentConfig = pod.labels.deploymentconfig;
  if (kind === 'ReplicationController' && deploymentConfig) return { name: deploymentConfig, kind: 'DeploymentConfig' };
  const scheduled = kind === 'Job' ? /^(.+)-\d{8,10}$/.exec(name)?.[1] : undefined;
  if (scheduled !== undefined) return { name: scheduled, kind: 'CronJob' };
  return named(name, kind, pod);
}

function named(name: string, kind: string, pod: Resource<PodSpec>): WorkloadOwner {
  return { name: name === '' ? pod.name : name, kind };
}

function trimSuffix(text: string, suffix: string): string {
  return text.endsWith(suffix) ? text.slice(0, -suffix.length) : text;
}
