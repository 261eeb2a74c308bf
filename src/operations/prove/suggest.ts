import { allowPoliciesOf } from '../../sample-requests/targets.ts';
import { type DataPlane, podNamed } from '../../trace/data-plane.ts';
import type { TracePod } from '../../trace/pod.ts';
import { addAll, groupBy } from '../../util/collections.ts';
import { isOfWaypoint } from '../../workbench/waypoint-before.ts';
import { firstOfKin } from './alike.ts';
import { createNames } from './names.ts';
import { type ProvingGround, proveStatement } from './prove.ts';
import { resolveStatements } from './resolve-statements.ts';
import type { WrittenSender, WrittenStatement } from './written-statement.ts';

/**
 * Statements that hold now, each proven: which namespaces take mutual TLS alone, which gateways TLS alone, what nobody outside reaches,
 * and who may call the services that have policies.
 */
export function suggestStatements(ground: ProvingGround): readonly WrittenStatement[] {
  const { dataPlane } = ground.surroundings;
  const gateways = dataPlane.pods.filter(({ proxy }) => proxy === 'gateway');
  const holding = (statements: readonly WrittenStatement[]): readonly WrittenStatement[] =>
    statements.filter((statement) => holds(statement, ground));
  const services = servicesOf(ground);
  const namespaces = [...new Set(services.map(({ namespace }) => namespace))].sort();
  const closed = gateways.length === 0 ? [] : holding(namespaces.map((namespace) => neverOutside({ namespaces: [namespace] })));
  const closedNamespaces = new Set(closed.flatMap(({ never }) => namesIn(never?.to)));
  return [
    ...holding([...new Set(gateways.map(workloadName))].sort().map((name) => ({ always: { tls: true, gateways: [name] } }))),
    ...holding(namespaces.map((namespace) => ({ always: { mutualTLS: true, to: { namespaces: [namespace] } } }))),
    ...closed,
    ...(gateways.length === 0
      ? []
      : holding(
          services
            .filter(({ namespace }) => !closedNamespaces.has(namespace))
            .map((service) => neverOutside({ services: [fullName(service)] })),
        )),
    ...services.flatMap((service) => callersOf(service, ground)),
  ];
}

function neverOutside(to: { readonly namespaces?: readonly string[]; readonly services?: readonly string[] }): WrittenStatement {
  return { never: { from: 'outside', to } };
}

function namesIn(to: NonNullable<WrittenStatement['never']>['to'] | undefined): readonly string[] {
  return to !== undefined && 'namespaces' in to ? (to.namespaces ?? []) : [];
}

/** Whether a statement is proven. */
function holds(statement: WrittenStatement, ground: ProvingGround): boolean {
  const file = { file: '', statements: [statement], locate: () => ({ file: '', line: 1, column: 1 }) };
  const { statements, problems } = resolveStatements(file, ground.benches, ground.surroundings.dataPlane);
  return problems.length === 0 && statements.every((one) => proveStatement(one, ground).verdict.kind === 'proven');
}

/** A Service of Kubernetes, and the pods that serve it: of several clusters, those of all. */
interface ServedService {
  readonly namespace: string;
  readonly name: string;
  readonly pods: readonly TracePod[];
}

/** The Services of Kubernetes that pods serve, in order. */
function servicesOf({ benches, surroundings: { dataPlane } }: ProvingGround): readonly ServedService[] {
  const names = createNames(benches, dataPlane);
  const services = benches
    .flatMap(({ mesh }) => mesh.registry.services)
    .filter((service) => service.registry === 'Kubernetes' && !isOfWaypoint(service, dataPlane));
  return [...new Map(services.map((service) => [fullName(service), service])).values()]
    .map(({ namespace, name }): ServedService => {
      const servers = names
        .servicesOf(`${namespace}/${name}`)
        .flatMap(({ ports, serversAt }) => ports.flatMap((port) => serversAt(port).map(({ server }) => server)));
      return { namespace, name, pods: [...new Set(servers)].flatMap((server) => podNamed(dataPlane, server) ?? []) };
    })
    .filter(({ pods }) => pods.some(({ proxy }) => proxy === 'none' || proxy === 'sidecar'))
    .sort((a, b) => (fullName(a) < fullName(b) ? -1 : 1));
}

function fullName({ namespace, name }: Pick<ServedService, 'namespace' | 'name'>): string {
  return `${namespace}/${name}`;
}

function workloadName({ namespace, workloadName: name }: TracePod): string {
  return `${namespace}/${name}`;
}

/** Who may call a service that has policies; nothing where anybody may. */
function callersOf(service: ServedService, ground: ProvingGround): readonly WrittenStatement[] {
  const { dataPlane } = ground.surroundings;
  const to = { services: [fullName(service)] };
  if (!service.pods.some((pod) => hasPolicies(pod, dataPlane))) return [];
  const isRefused = (from: WrittenSender | 'outside'): boolean => holds({ never: { from, to } }, ground);
  const clients = firstOfKin(
    dataPlane.pods.filter(({ proxy }) => proxy === 'none' || proxy === 'sidecar'),
    dataPlane,
  );
  const byNamespace = groupBy(new Map(clients.map((pod) => [workloadName(pod), pod])).values(), ({ namespace }) => namespace);
  const whole: string[] = [];
  const single: string[] = [];
  for (const [namespace, members] of [...byNamespace].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const callers = members.map(workloadName).filter((name) => !isRefused({ workloads: [name] }));
    if (callers.length === members.length && callers.length > 1) whole.push(namespace);
    else addAll(single, callers);
  }
  const from: ('outside' | WrittenSender)[] = [
    ...(isRefused('outside') ? [] : ['outside' as const]),
    ...(whole.length === 0 ? [] : [{ namespaces: whole }]),
    ...(single.length === 0 ? [] : [{ workloads: single.sort() }]),
  ];
  const statement: WrittenStatement = from.length === 0 ? { never: { to } } : { only: { from, to } };
  return holds(statement, ground) ? [statement] : [];
}

/** Whether policies at a pod or its ztunnel allow some and refuse others. */
function hasPolicies(pod: TracePod, dataPlane: DataPlane): boolean {
  const snapshot = dataPlane.snapshotOf(pod);
  if (snapshot !== undefined && allowPoliciesOf(snapshot).length > 0) return true;
  const captured = dataPlane.ztunnel?.captured(pod);
  return captured !== undefined && (dataPlane.ztunnel?.policiesOf(captured) ?? []).length > 0;
}
