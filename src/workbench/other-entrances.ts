import type { Input } from '../input/load.ts';
import { createIngressJudge } from '../model/gateways/ingress.ts';
import type { Mesh } from '../model/mesh.ts';
import type { ForeignObject } from '../resource/foreign-objects.ts';
import { buildGatewayClasses } from '../resource/gateway-classes.ts';
import type { Resource } from '../resource/resource.ts';
import { resourcesOf } from '../resource/select.ts';
import { fieldsOf } from '../util/object.ts';

/**
 * All by which others than Istio lead requests from outside to Services: Ingresses and Gateways of other controllers with the routes of these, and
 * kinds of their own. None of it is simulated.
 */
export function otherEntrancesOf(
  { resources, otherEntrances }: Pick<Input, 'resources' | 'otherEntrances'>,
  { config }: Pick<Mesh, 'config'>,
): readonly ForeignObject[] {
  const isIstios = createIngressJudge(resourcesOf(resources, 'IngressClass'), config);
  const ownerOf = buildGatewayClasses(resourcesOf(resources, 'GatewayClass'));
  const gateways = resourcesOf(resources, 'KubernetesGateway').filter(({ spec }) => ownerOf(spec.gatewayClassName) === 'other');
  const names = new Set(gateways.map(({ namespace, name }) => `${namespace}/${name}`));
  const routes = (['GRPCRoute', 'HTTPRoute', 'TCPRoute', 'TLSRoute'] as const).flatMap((kind) => resourcesOf(resources, kind));
  const led = routes.filter(({ namespace: own, spec }) =>
    (spec.parentRefs ?? []).some(
      ({ kind = 'Gateway', namespace = own, name }) => kind === 'Gateway' && names.has(`${namespace}/${name}`),
    ),
  );
  const ingresses = resourcesOf(resources, 'Ingress').filter((ingress) => !isIstios(ingress));
  return [...otherEntrances, ...[...ingresses, ...gateways, ...led].map(objectOf)];
}

function objectOf({ kind, group, name, namespace, labels, annotations, spec }: Resource): ForeignObject {
  return { kind, group, name, namespace, labels, annotations, body: { spec: fieldsOf(spec) } };
}
