import { describe, expect, test } from 'vitest';
import type { MeshConfig } from '../../../../src/api/istio.gen.ts';
import { dualStack } from '../../../../src/findings/analyzers/dual-stack.ts';
import { createReader } from '../../../../src/findings/analyzers/support/reader.ts';
import { runAnalyzers } from '../../../../src/findings/analyzers/support/run.ts';
import { buildMesh } from '../../../../src/model/build-mesh.ts';
import { DEFAULT_DOMAIN, singleCluster } from '../../../../src/model/mesh-input.ts';
import { defaultRelease } from '../../../../src/releases/index.ts';
import { memo } from '../../../../src/util/memo.ts';
import { inputOfYaml } from '../../../support/resources.ts';

/** What is said where istiod serves both families, or does not. */
function findings(isServedByIstiod: boolean, yaml: string, meshConfig: MeshConfig = {}): readonly string[] {
  const release = { ...defaultRelease, behaviours: { ...defaultRelease.behaviours, dualStack: isServedByIstiod } };
  const { resources, written } = inputOfYaml(yaml);
  const mesh = memo(() => buildMesh(singleCluster(resources, meshConfig, undefined, release)));
  const reader = createReader({
    release,
    resources: written,
    meshConfig,
    clusterDomain: DEFAULT_DOMAIN,
    now: 0,
    buildMesh: mesh,
  });
  return runAnalyzers(reader, [dualStack]).map(
    ({ diagnostic: { code, resource, message } }) => `${code} ${resource?.kind}/${resource?.name} ${message}`,
  );
}

const proxyConfig = (value: string): string => `proxyMetadata: {ISTIO_DUAL_STACK: "${value}"}`;
function pod(name: string, ips: readonly string[], annotations = ''): string {
  return `
---
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: shop, annotations: {${annotations}}}
spec: {containers: [{name: app}]}
status: {podIP: "${ips[0]}", podIPs: [${ips.map((ip) => `{ip: "${ip}"}`).join(', ')}]}
`;
}
const both = ['10.0.0.1', 'fd00::1'];
const told = (value: string): MeshConfig => ({ defaultConfig: { proxyMetadata: { ISTIO_DUAL_STACK: value } } });

describe('ISTIO_DUAL_STACK of istiod alone', () => {
  test.each([
    ['nobody tells the sidecars', {}],
    ['what they are told is no boolean', told('yes')],
  ])('is told at the first pod of both families where %s', (_, meshConfig) => {
    const yaml = pod('web', both) + pod('api', ['fd00::2', '10.0.0.2']) + pod('old', ['10.0.0.3']);
    expect(findings(true, yaml, meshConfig)).toEqual([
      expect.stringMatching(/^MESH0068 Pod\/api .* the sidecar of shop\/api and of 1 other pod to: /),
    ]);
  });

  test.each([
    ['the sidecars are told', pod('web', both), told('true')],
    ['the pod is told', pod('web', both, `proxy.istio.io/config: '${proxyConfig('1')}'`), {}],
    ['somebody writes that they are not to', pod('web', both), told('false')],
    ['pods have one family', pod('web', ['10.0.0.1']) + pod('api', ['fd00::1']), {}],
    ['nothing is redirected', pod('web', both, 'sidecar.istio.io/interceptionMode: NONE'), {}],
    ['the pod is a gateway', pod('web', both, 'inject.istio.io/templates: gateway'), {}],
    ['the pod has no sidecar', pod('web', both, 'sidecar.istio.io/inject: "false"'), {}],
  ])('is not told where %s', (_, yaml, meshConfig) => {
    expect(findings(true, yaml, meshConfig)).toEqual([]);
  });
});

describe('ISTIO_DUAL_STACK of sidecars alone', () => {
  test('is told where pods have both families', () => {
    expect(findings(false, pod('web', both), told('true'))).toEqual([
      expect.stringMatching(/^MESH0069 Pod\/web .* the sidecar of shop\/web to serve both/),
    ]);
  });

  test('is not told where pods have one family, or nobody asks for both', () => {
    expect(findings(false, pod('web', ['10.0.0.1']), told('true'))).toEqual([]);
    expect(findings(false, pod('web', both))).toEqual([]);
  });
});
