import type { Path } from '../../diagnostics/diagnostic.ts';
import { unknownMeshNetworksServiceRegistry } from '../../diagnostics/problems/istio/general.ts';
import { at } from '../subject.ts';
import type { Analyzer } from './support/analyzer.ts';

const REGISTRIES: readonly string[] = ['Mock', 'Kubernetes', 'External'];
const REMOTE_SECRET = 'istio/multiCluster';

/** istio analyzers/multicluster/meshnetworks.go; MeshNetworks stand in the ConfigMap `istio`. */
export const meshNetworks: Analyzer = {
  name: 'meshnetworks.MeshNetworksAnalyzer',
  about: 'The networks of the mesh refer to clusters that Istio knows',
  reads: ['ConfigMap', 'Secret'],
  codes: [unknownMeshNetworksServiceRegistry.code],
  needsAll: ['Secret'],
  run(reader, report) {
    const configMaps = reader
      .list('ConfigMap')
      .filter(({ name, spec }) => name === 'istio' && spec.data?.meshNetworks !== undefined);
    const holder = configMaps.find(({ namespace }) => namespace === 'istio-system') ?? configMaps[0];
    if (holder === undefined) return;
    const secrets = reader.list('Secret').filter(({ labels }) => labels[REMOTE_SECRET] === 'true');
    const clusters = [
      ...secrets.flatMap(({ spec }) => Object.keys(spec.data ?? {})),
      ...(reader.fleet?.clusters ?? []).map(({ name }) => name),
    ];
    const path: Path = ['data', 'meshNetworks'];
    const subject = { ...at(holder, path), resource: { kind: 'MeshNetworks', namespace: 'istio-system', name: 'meshnetworks' } };
    for (const [network, { endpoints = [] }] of Object.entries(reader.meshNetworks.networks ?? {})) {
      for (const { fromRegistry } of endpoints) {
        if (fromRegistry === undefined || REGISTRIES.includes(fromRegistry) || clusters.includes(fromRegistry)) continue;
        report(unknownMeshNetworksServiceRegistry(subject, fromRegistry, network));
      }
    }
  },
};
