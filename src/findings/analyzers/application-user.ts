import type { PodSpec } from '../../api/kubernetes.ts';
import { invalidApplicationUID } from '../../diagnostics/problems/istio/injection.ts';
import { at } from '../subject.ts';
import type { Analyzer } from './support/analyzer.ts';
import { isControlPlane, PROXY_CONTAINER } from './support/pods.ts';

/** The user of the sidecar. */
const PROXY_USER = 1337;
const ISTIO_CONTAINERS: readonly string[] = [PROXY_CONTAINER, 'istio-operator'];

/** istio analyzers/deployment/pod.go. */
export const applicationUser: Analyzer = {
  name: 'applicationUID.Analyzer',
  about: 'No container but the sidecar runs as the user 1337',
  reads: ['Pod', 'Deployment'],
  codes: [invalidApplicationUID.code],
  run(reader, report) {
    for (const resource of reader.list('Pod')) {
      if (!isControlPlane(resource) && runsAsProxy(resource.spec)) report(invalidApplicationUID(at(resource)));
    }
    for (const resource of reader.list('Deployment')) {
      if (isControlPlane(resource) || !runsAsProxy(resource.spec.template?.spec ?? {})) continue;
      report(invalidApplicationUID(at(resource)));
    }
  },
};

function runsAsProxy({ securityContext, containers = [] }: PodSpec): boolean {
  const own = containers.filter(({ name = '' }) => !ISTIO_CONTAINERS.includes(name));
  // A gateway has no application whose connections could be taken for its own, which istioctl does not ask.
  if (own.length === 0 && containers.length > 0) return false;
  return [securityContext, ...own.map((container) => container.securityContext)].some(
    (context) => context?.runAsUser === PROXY_USER,
  );
}
