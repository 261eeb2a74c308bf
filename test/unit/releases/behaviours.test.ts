import { describe, expect, test } from 'vitest';
import { gatewayApiVersions } from '../../../src/findings/analyzers/gateway-api-versions.ts';
import { createReader } from '../../../src/findings/analyzers/support/reader.ts';
import { runAnalyzers } from '../../../src/findings/analyzers/support/run.ts';
import { buildMesh } from '../../../src/model/build-mesh.ts';
import { type MeshInput, singleCluster } from '../../../src/model/mesh-input.ts';
import { defaultRelease } from '../../../src/releases/index.ts';
import type { Release } from '../../../src/releases/release.ts';
import { decodeDocuments } from '../../../src/resource/decode.ts';
import { parseText } from '../../../src/source/parse.ts';
import { buildersOf } from '../../support/builders.ts';
import { resourcesOfYaml } from '../../support/resources.ts';

const shop = `
apiVersion: v1
kind: Pod
metadata: {name: cart, namespace: shop}
spec: {containers: [{name: app}]}
status: {podIP: 10.244.0.10}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: cart, namespace: shop}
spec:
  parentRefs: [{kind: Service, group: "", name: cart, port: 80}]
  rules: [{}]
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {clusterIP: 10.96.0.10, selector: {app: cart}, ports: [{name: http, port: 80}]}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: tlsroutes.gateway.networking.k8s.io, annotations: {gateway.networking.k8s.io/bundle-version: v1.4.0}}
spec: {}
`;

const input = (release: Release): MeshInput => singleCluster(resourcesOfYaml(shop), {}, undefined, release);
const withBehaviours = (behaviours: Partial<Release['behaviours']>): Release => ({
  ...defaultRelease,
  behaviours: { ...defaultRelease.behaviours, ...behaviours },
});

describe('what a release does otherwise', () => {
  test('istiod converts resources as its release does', () => {
    const statusOf = (release: Release) =>
      buildMesh(input(release)).virtualServices.all.map(({ spec }) => spec.http?.[0]?.directResponse?.status);
    expect(statusOf(defaultRelease)).toEqual([404]);
    expect(statusOf(withBehaviours({ statusWithoutBackends: 500 }))).toEqual([500]);
  });

  test('proxies get what istiod of the release sends', () => {
    const samplingOf = (release: Release) => {
      const { roles, sidecar } = buildersOf(buildMesh(input(release)));
      const text = JSON.stringify(roles.sidecar.listeners(sidecar('cart')));
      return /"randomSampling":(\{[^}]*\})/.exec(text)?.[1];
    };
    expect(samplingOf(defaultRelease)).toBe('{"value":1}');
    expect(samplingOf(withBehaviours({ traceSampling: 25 }))).toBe('{"value":25}');
  });

  test('proxies report the version of the release where they say nothing else', () => {
    expect(buildMesh(input({ ...defaultRelease, version: '1.2.3' })).proxies[0]?.istioVersion).toBe('1.2.3');
  });
});

describe('what a release knows', () => {
  test('a kind that it does not define is passed over', () => {
    const text = 'apiVersion: extensions.istio.io/v1alpha1\nkind: TrafficExtension\nmetadata: {name: a}\nspec: {}\n';
    const decoded = (release: Release) =>
      decodeDocuments(
        parseText('a.yaml', text, () => {}),
        { release, namespace: 'default' },
        () => {},
      );
    expect(decoded(defaultRelease)).toHaveLength(1);
    const kinds = defaultRelease.kinds.filter(({ kind }) => kind !== 'TrafficExtension');
    expect(decoded({ ...defaultRelease, kinds })).toHaveLength(0);
  });

  test('a finding that its istioctl does not have is not reported', () => {
    const codesOf = (release: Release) => {
      const reader = createReader({
        release,
        resources: resourcesOfYaml(shop),
        now: 0,
        buildMesh: () => buildMesh(input(release)),
      });
      return runAnalyzers(reader, [gatewayApiVersions]).map(({ diagnostic }) => diagnostic.code);
    };
    expect(codesOf(defaultRelease)).toEqual(['IST0176']);
    expect(codesOf({ ...defaultRelease, codes: new Set() })).toEqual([]);
  });
});
