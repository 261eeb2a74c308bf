import type { ReadinessProbe } from '../api/istio.gen.ts';
import type { Path } from '../diagnostics/diagnostic.ts';
import type { ResourceOf } from '../resource/resource.ts';
import { error, errorIf, type Findings, multipleErrors } from './finding.ts';
import { probeHeaderProblem } from './headers.ts';
import { checkWorkloadLabels } from './labels.ts';
import { checkPort } from './numbers.ts';

/** A WorkloadGroup; istio pkg/config/validation/validation.go ValidateWorkloadGroup. */
export function* checkWorkloadGroup({ spec }: ResourceOf<'WorkloadGroup'>): Findings {
  if (spec.template === undefined) {
    yield error(['spec', 'template'], 'template is required');
    return;
  }
  const labels = [...checkWorkloadLabels(['spec', 'metadata', 'labels'], spec.metadata?.labels)];
  const istio = `invalid labels: ${multipleErrors(labels.map(({ message }) => message))}`;
  for (const { path, message } of labels) yield error(path, message, istio);
  if (labels.length === 0 && spec.probe !== undefined) yield* checkProbe(['spec', 'probe'], spec.probe);
}

const times = ['periodSeconds', 'initialDelaySeconds', 'timeoutSeconds', 'successThreshold', 'failureThreshold'] as const;

function* checkProbe(path: Path, probe: ReadinessProbe): Findings {
  for (const field of times) if ((probe[field] ?? 0) < 0) yield error([...path, field], `${field} must be non-negative`);
  const { httpGet, tcpSocket, exec } = probe;
  if (httpGet !== undefined) {
    const at = [...path, 'httpGet'];
    yield* checkPort([...at, 'port'], httpGet.port ?? 0);
    if (!['', 'HTTP', 'HTTPS'].includes(httpGet.scheme ?? ''))
      yield error([...at, 'scheme'], 'httpGet.scheme must be one of "HTTPS", "HTTP"');
    for (const [index, { name = '' }] of (httpGet.httpHeaders ?? []).entries())
      yield* errorIf([...at, 'httpHeaders', index, 'name'], probeHeaderProblem(name));
  } else if (tcpSocket !== undefined) {
    yield* checkPort([...path, 'tcpSocket', 'port'], tcpSocket.port ?? 0);
  } else if (exec !== undefined) {
    if ((exec.command ?? []).length === 0) yield error([...path, 'exec', 'command'], 'exec.command is required');
  } else {
    const type = probe.grpc === undefined ? '<nil>' : '*v1alpha3.ReadinessProbe_Grpc';
    yield error(path, `unknown health check method ${type}`);
  }
}
