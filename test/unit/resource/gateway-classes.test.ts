import { describe, expect, test } from 'vitest';
import { buildGatewayClasses, isWaypointClass } from '../../../src/resource/gateway-classes.ts';
import type { ResourceOf } from '../../../src/resource/resource.ts';
import { inputOfYaml } from '../../support/resources.ts';

const classes = (name: string, controllerName: string) =>
  inputOfYaml(`
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: ${name}}
spec: {controllerName: ${controllerName}}
`).written.filter((resource): resource is ResourceOf<'GatewayClass'> => resource.kind === 'GatewayClass');

describe('whose gateways those of a class are', () => {
  test.each([
    ['istio-waypoint', 'istio.io/mesh-controller', 'waypoint'],
    // istiod looks at no class of another controller, and then has its own of that name.
    ['istio-waypoint', 'example.com/controller', 'waypoint'],
    ['istio-waypoint', 'istio.io/gateway-controller', 'istio'],
    ['ours', 'istio.io/mesh-controller', 'waypoint'],
    ['istio-east-west', 'example.com/controller', 'eastWest'],
    ['ours', 'istio.io/eastwest-controller', 'eastWest'],
    ['ours', 'example.com/controller', 'other'],
  ])('is told of %s with controller %s in one way', (name, controller, owner) => {
    const given = classes(name, controller);
    expect(buildGatewayClasses(given)(name)).toBe(owner);
    expect(isWaypointClass(name, given[0]?.spec)).toBe(owner === 'waypoint');
  });
});
