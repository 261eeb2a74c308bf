import type { BackendObjectReference, BackendRef } from '../../api/gateway-api.ts';
import type { Destination } from '../../api/istio.gen.ts';
import type { Path } from '../../diagnostics/diagnostic.ts';
import { backendInvalid } from '../../diagnostics/problems/gateway-api.ts';
import type { Resource } from '../../resource/resource.ts';
import type { GatewayApiContext } from './context.ts';

/** Something for which istiod refuses a whole route. */
export interface RouteRefusal {
  readonly refused: string;
  readonly path: Path;
}

/** Whether a conversion was refused. */
export function isRefusal(value: object): value is RouteRefusal {
  return 'refused' in value;
}

/** The route that is converted, and how. */
export interface AttachedRoute {
  readonly context: GatewayApiContext;
  readonly route: Resource;
  /** For parents in the mesh, backends of other namespaces need no ReferenceGrant. */
  readonly forMesh: boolean;
}

/** A destination; `problem` says why it will not work, for which routes answer with an error. */
export interface Backend {
  readonly destination: Destination;
  readonly problem: string | undefined;
}

/** Istio's own kind of backend: any hostname that it knows. */
const HOSTNAME_KIND = 'networking.istio.io/Hostname';

/** The destination of a reference to a backend. As istio gateway/conversion.go buildDestination. */
export function resolveBackend(input: AttachedRoute, reference: BackendObjectReference, path: Path): Backend | RouteRefusal {
  const { context, route } = input;
  const { group = '', kind = 'Service', name, namespace = route.namespace, port } = reference;
  const refuse = (refused: string): RouteRefusal => ({ refused, path });
  const to = { group, kind, namespace, name };
  if (
    !input.forMesh &&
    namespace !== route.namespace &&
    !context.grants.allows({ kind: route.kind, namespace: route.namespace }, to)
  ) {
    return { destination: {}, problem: `no ReferenceGrant of namespace ${namespace} allows ${kind} ${name}` };
  }
  let host: string;
  let problem: string | undefined;
  switch (`${group}/${kind}`) {
    case '/Service':
      if (name.includes('.')) return refuse('the name of a Service is wanted, not a hostname');
      host = `${name}.${namespace}.svc.${context.domainSuffix}`;
      if (context.service(namespace, name) === undefined) problem = `Service ${namespace}/${name} does not exist`;
      break;
    case 'multicluster.x-k8s.io/ServiceImport':
      host = `${name}.${namespace}.svc.${context.domainSuffix}`;
      if (context.service(namespace, name) === undefined) problem = `Service ${namespace}/${name} does not exist`;
      break;
    case HOSTNAME_KIND:
      if (reference.namespace !== undefined) return refuse('a backend of kind Hostname can have no namespace');
      host = name;
      if (!context.hasHostname(namespace, name)) problem = `no service ${name} stands in namespace ${namespace}`;
      break;
    default:
      return { destination: {}, problem: `Istio knows no backends of kind ${group === '' ? '' : `${group}/`}${kind}` };
  }
  if (port === undefined) return refuse('a backend needs a port');
  return { destination: { host, port: { number: port } }, problem };
}

/** The backends with their weights; those of weight 0 get nothing, and a single one needs no weight. */
export function weighBackends<T extends BackendRef>(references: readonly T[]): { reference: T; index: number; weight: number }[] {
  const weighted = references
    .map((reference, index) => ({ reference, index, weight: reference.weight ?? 1 }))
    .filter(({ weight }) => weight !== 0);
  return weighted.length === 1 ? weighted.map((one) => ({ ...one, weight: 0 })) : weighted;
}

/** The sum of the weights. */
export function totalWeight(references: readonly BackendRef[] | undefined): number {
  return (references ?? []).reduce((sum, { weight = 1 }) => sum + weight, 0);
}

/** Notes what is wrong with a backend that stays in the route. */
export function noteBackend({ context, route }: AttachedRoute, { problem }: Backend, path: Path): void {
  if (problem !== undefined) context.note(backendInvalid, route, path, problem);
}
