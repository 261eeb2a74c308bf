import { formatField } from '../../diagnostics/format-field.ts';
import { injectionLabelUnknown, portOfTheProxy } from '../../diagnostics/problems/services.ts';
import { at } from '../subject.ts';
import { type Analyzer, fullName } from './support/analyzer.ts';
import { PROXY_CONTAINER } from './support/pods.ts';

const INJECTION = 'istio-injection';

/** Ports on which the sidecar listens at all addresses of the pod; istio docs/ops/deployment/application-requirements. */
const PORTS: ReadonlyMap<number, string> = new Map([
  [15001, 'outbound traffic'],
  [15006, 'inbound traffic'],
  [15020, 'metrics and health of the agent'],
  [15021, 'health checks'],
  [15090, 'metrics of Envoy'],
]);

/** What keeps a sidecar out of pods, or keeps it from their ports. */
export const injectionHabits: Analyzer = {
  name: 'mesh.injection.Habits',
  about: 'Namespaces whose injection label has a value that nobody looks for, and containers with ports of the sidecar',
  reads: ['Namespace', 'Pod'],
  codes: [injectionLabelUnknown.code, portOfTheProxy.code],
  run: (reader, report) => {
    for (const namespace of reader.list('Namespace')) {
      const value = namespace.labels[INJECTION];
      if (value === undefined || value === '' || value === 'enabled' || value === 'disabled') continue;
      report(injectionLabelUnknown(at(namespace, ['metadata', 'labels', INJECTION]), value));
    }
    const told = new Set<string>();
    for (const { resource, injected, role, namespace, workloadName, containerPorts } of reader.mesh().registry.workloads) {
      if (!injected || role !== 'sidecar' || resource.kind !== 'Pod' || !containerPorts.some(({ port }) => PORTS.has(port)))
        continue;
      (resource.spec.containers ?? []).forEach(({ name, ports = [] }, container) => {
        if (name === PROXY_CONTAINER) return;
        ports.forEach(({ containerPort = 0 }, index) => {
          const use = PORTS.get(containerPort);
          const key = `${fullName({ namespace, name: workloadName })} ${containerPort}`;
          if (use === undefined || told.has(key)) return;
          told.add(key);
          const path = ['spec', 'containers', container, 'ports', index, 'containerPort'];
          report(portOfTheProxy(at(resource, path), formatField(path), containerPort, use));
        });
      });
    }
  },
};
