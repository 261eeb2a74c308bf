import { expect, test } from 'vitest';
import { watched } from '../../../src/model/watched-kinds.ts';
import { inEnvironment } from '../../../src/releases/environment/environment.ts';
import { defaultRelease, loadRelease } from '../../../src/releases/index.ts';
import { inputOfYaml } from '../../support/resources.ts';

const objects = inputOfYaml(
  (
    [
      ['networking.istio.io/v1', 'ServiceEntry', '{}'],
      ['networking.istio.io/v1', 'Gateway', '{}'],
      ['security.istio.io/v1', 'AuthorizationPolicy', '{}'],
      ['gateway.networking.k8s.io/v1', 'Gateway', '{gatewayClassName: a}'],
      ['gateway.networking.k8s.io/v1', 'GatewayClass', '{controllerName: a/b}'],
      ['networking.k8s.io/v1', 'Ingress', '{}'],
      ['v1', 'Service', '{}'],
    ] as const
  )
    .map(([version, kind, spec]) => `apiVersion: ${version}\nkind: ${kind}\nmetadata: {name: a}\nspec: ${spec}\n`)
    .join('---\n'),
).written;

function kindsWith(variables: Readonly<Record<string, string>>): readonly string[] {
  const { release } = inEnvironment(defaultRelease, new Map(Object.entries(variables)));
  return watched(objects, release).map(({ group, kind }) => `${kind}.${group.split('.')[0]}`);
}

test('istiod looks at everything', () => {
  expect(kindsWith({ PILOT_IGNORE_RESOURCES: '' })).toHaveLength(objects.length);
});

test('PILOT_IGNORE_RESOURCES takes kinds out, by the names of their definitions or the ends of these', () => {
  expect(
    kindsWith({ PILOT_IGNORE_RESOURCES: 'serviceentries.networking.istio.io, authorizationpolicies.security.istio.io' }),
  ).toEqual(['Gateway.networking', 'Gateway.gateway', 'GatewayClass.gateway', 'Ingress.networking', 'Service.']);
  expect(kindsWith({ PILOT_IGNORE_RESOURCES: '*.istio.io,gatewayclasses.gateway.networking.k8s.io' })).toEqual([
    'Gateway.gateway',
    'Ingress.networking',
    'Service.',
  ]);
});

test('PILOT_INCLUDE_RESOURCES leaves some of them in, and alone does nothing', () => {
  expect(
    kindsWith({ PILOT_IGNORE_RESOURCES: '*.istio.io', PILOT_INCLUDE_RESOURCES: 'gateways.networking.istio.io' }).slice(0, 2),
  ).toEqual(['Gateway.networking', 'Gateway.gateway']);
  expect(kindsWith({ PILOT_INCLUDE_RESOURCES: 'gateways.networking.istio.io' })).toHaveLength(objects.length);
});

const definition = (name: string, annotations: string): string => `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: ${name}.gateway.networking.k8s.io, annotations: ${annotations}}
spec: {}
---
apiVersion: gateway.networking.k8s.io/v1
kind: GRPCRoute
metadata: {name: a, namespace: shop}
spec: {}
---
apiVersion: gateway.networking.k8s.io/v1
kind: TLSRoute
metadata: {name: a, namespace: shop}
spec: {hostnames: [a.example], rules: [{backendRefs: [{name: a, port: 443}]}]}
`;

const version = (text: string): string => `{gateway.networking.k8s.io/bundle-version: ${text}}`;

test.each([
  ['grpcroutes', version('v1.0.0'), ['TLSRoute']],
  ['grpcroutes', version('v1.1.0-rc.1'), ['GRPCRoute', 'TLSRoute']],
  ['grpcroutes', '{}', ['TLSRoute']],
  ['tlsroutes', version('v1.4.1'), ['GRPCRoute']],
  ['tlsroutes', version('v1.5.0'), ['GRPCRoute', 'TLSRoute']],
  ['httproutes', version('v0.8.0'), ['GRPCRoute', 'TLSRoute']],
])('kinds of the Gateway API with a definition that is too old are passed over: %s %s', (name, annotations, kinds) => {
  const seen = watched(inputOfYaml(definition(name, annotations)).written, defaultRelease).map(({ kind }) => kind);
  expect(seen.filter((kind) => kind !== 'CustomResourceDefinition')).toEqual(kinds);
});

test('and those that are too new', async () => {
  const resources = (text: string) => inputOfYaml(definition('tlsroutes', version(text))).written;
  const older = (await loadRelease('1.29')) ?? expect.unreachable();
  const seen = (text: string) => watched(resources(text), older).filter(({ kind }) => kind === 'TLSRoute');
  expect(seen('v1.4.1')).toHaveLength(1);
  expect(seen('v1.5.0')).toHaveLength(0);
});
