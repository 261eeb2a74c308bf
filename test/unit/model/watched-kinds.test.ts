import { expect, test } from 'vitest';
import { watched } from '../../../src/model/watched-kinds.ts';
import { inEnvironment } from '../../../src/releases/environment/environment.ts';
import { defaultRelease } from '../../../src/releases/index.ts';
import { resourcesOfYaml } from '../../support/resources.ts';

const objects = resourcesOfYaml(
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
);

function kindsWith(variables: Readonly<Record<string, string>>): readonly string[] {
  const { release } = inEnvironment(defaultRelease, new Map(Object.entries(variables)));
  return watched(objects, release.behaviours).map(({ group, kind }) => `${kind}.${group.split('.')[0]}`);
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
