import type { ResourceOf } from '../../resource/resource.ts';

/**
 * The name of the workload that a pod belongs to: that of its controller where the pod's name was generated, with the Deployment of
 * a ReplicaSet, the Rollout, DeploymentConfig or CronJob guessed from names and labels; else its own. A label can say another.
 * As istio pkg/kube/util.go GetWorkloadMetaFromPod.
 */
export function workloadOwner(pod: ResourceOf<'Pod'>): string {
  return pod.labels['service.istio.io/workload-name'] ?? (controllerName(pod) || pod.name);
}

function controllerName({ generateName, ownerReferences, labels, name: podName }: ResourceOf<'Pod'>): string {
  const controller = generateName ? ownerReferences?.find((reference) => reference.controller === true) : undefined;
  if (controller === undefined) return podName;
  const { name, kind } = controller;
  switch (kind) {
    case 'ReplicaSet': {
      const hash = [labels['pod-template-hash'], labels['rollouts-pod-template-hash']].find(
        (candidate) => candidate && name.endsWith(candidate),
      );
      return hash !== undefined && name.endsWith(`-${hash}`) ? name.slice(0, -hash.length - 1) : name;
    }
    case 'ReplicationController':
      return labels.deploymentconfig || name;
    case 'Job':
      // A CronJob numbers its Jobs by the time.
      return /^(.+)-\d{8,10}$/.exec(name)?.[1] ?? name;
    default:
      return name;
  }
}
