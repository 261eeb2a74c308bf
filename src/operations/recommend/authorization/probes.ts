import type { Container, Probe } from '../../../api/kubernetes.ts';
import type { Workload } from '../../../model/registry/service.ts';
import { parseGoBoolean } from '../../../util/go-boolean.ts';
import { own } from '../../../util/object.ts';
import type { ProbedPort } from './advice.ts';

/** The annotation by which a pod keeps the kubelet's requests as they are; istio pkg/kube/inject/app_probe.go ShouldRewriteAppHTTPProbers. */
const REWRITE = 'sidecar.istio.io/rewriteAppHTTPProbers';

/**
 * What the kubelet asks the containers of a pod with a sidecar, through the sidecar. Usually it asks the agent beside the sidecar
 * instead, which the injector puts in between, and no policy sees it.
 */
export function probesThroughProxy({ resource, annotations }: Workload): readonly ProbedPort[] {
  if (resource.kind !== 'Pod' || parseGoBoolean(own(annotations, REWRITE) ?? '') !== false) return [];
  const ports = (resource.spec.containers ?? []).flatMap((container) =>
    [container.livenessProbe, container.readinessProbe, container.startupProbe].flatMap((probe) => probed(probe, container)),
  );
  return [...new Map(ports.map((port) => [JSON.stringify(port), port])).values()];
}

function probed(probe: Probe | undefined, { ports = [] }: Container): readonly ProbedPort[] {
  if (probe?.grpc !== undefined) return [{ port: probe.grpc.port, path: '/grpc.health.v1.Health/Check', method: 'POST' }];
  const { port: written, path = '/' } = probe?.httpGet ?? {};
  const port = typeof written === 'string' ? ports.find(({ name }) => name === written)?.containerPort : written;
  return typeof port === 'number' ? [{ port, path: path.split('?', 1)[0] || '/', method: 'GET' }] : [];
}
