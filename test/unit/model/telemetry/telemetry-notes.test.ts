import { describe, expect, it } from 'vitest';
import type { MeshConfig } from '../../../../src/api/istio.gen.ts';
import { buildMesh } from '../../../../src/model/build-mesh.ts';
import { singleCluster } from '../../../../src/model/mesh-input.ts';
import { resourcesOfYaml } from '../../../support/resources.ts';

const base = `
apiVersion: v1
kind: Service
metadata: {name: collector, namespace: observability}
spec: {clusterIP: 10.96.0.10, ports: [{name: grpc, port: 4317}]}
`;

function notesOf(specs: readonly string[], config: MeshConfig): readonly (readonly [string, string, number | undefined])[] {
  const resources = specs.map(
    (spec, index) => `---
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: telemetry-${index}, namespace: bookinfo}
spec: ${spec}
`,
  );
  const { notes } = buildMesh(singleCluster(resourcesOfYaml(base + resources.join('')), config));
  return notes.map(({ code, message, location }) => [code, message, location?.line]);
}

describe('telemetry that has no effect', () => {
  it('is a second resource for the same namespace', () => {
    expect(notesOf(['{}', '{}'], {})).toEqual([['MESH1304', expect.stringContaining('telemetry-0 is older'), 15]]);
  });

  it('is what goes to providers that are not there or cannot take it', () => {
    const spec = `
  selector: {matchLabels: {app: reviews}}
  accessLogging: [{providers: [{name: gone}, {name: prometheus}, {name: envoy}]}]
  tracing: [{providers: [{name: collector}, {name: collector}]}]
  metrics: [{providers: [{name: lost}]}]`;
    const collector = 'collector.observability.svc.cluster.local';
    const notes = notesOf([spec], {
      extensionProviders: [
        { name: 'collector', opentelemetry: { service: collector, port: 4317 } },
        { name: 'lost', zipkin: { service: 'lost.example.com', port: 1 } },
      ],
      defaultProviders: { tracing: ['lost'] },
    });
    expect(notes).toEqual([
      ['MESH1401', 'MeshConfig has no extension provider gone', 12],
      ['MESH1401', expect.stringContaining('no access logs for the kind'), 12],
      ['MESH1401', expect.stringContaining('no metrics for the kind'), 14],
      ['MESH1401', expect.stringContaining('one provider only'), 13],
      ['MESH1401', expect.stringContaining('defaultProviders.tracing: service lost.example.com'), undefined],
    ]);
  });

  it('is told once for header values that only istiod knows', () => {
    const zipkin = {
      service: 'collector.observability.svc.cluster.local',
      port: 4317,
      headers: [{ name: 'x-token', envName: 'TOKEN' }],
    };
    expect(notesOf([], { extensionProviders: [{ name: 'zipkin', zipkin }] })).toEqual([
      ['MESH1402', expect.stringContaining('variable TOKEN of istiod'), undefined],
    ]);
  });
});
