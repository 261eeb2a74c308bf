import type { Session } from '../../compile/session.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { verificationSkipped } from '../../diagnostics/problems/compiled.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { MeshInput } from '../../model/mesh-input.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import { isOfAssumedGateway } from '../../resource/assumed-gateway.ts';
import { podKey } from '../../trace/data-plane.ts';
import { type Again, afresh, againOver } from '../../util/again.ts';
import type { OnProgress } from '../../util/progress.ts';
import { isToldBy } from '../policy/precedence.ts';
import { findEmptyClaims } from './claims.ts';
import { type DataPlaneMaker, findOrderDependence } from './creation-order.ts';
import { createMissingClusterFinder } from './missing-clusters.ts';
import { createBlamer } from './refusals/blame.ts';
import { createEndpointChoice } from './refusals/endpoints.ts';
import { createInspector } from './refusals/inspect.ts';
import { createProviderFinder } from './refusals/providers.ts';
import { createRefusalFinder } from './refusals/refusals.ts';
import { createRejectionFinder } from './rejections.ts';
import { classesOf, workloadsOf } from './representatives.ts';
import { unreachableFindings, watchWrittenRules } from './unreachable.ts';

/** When to make the checks that compile: never, always, or where the input is not too large. */
export type Verification = 'auto' | 'always' | 'never';

/** A mesh whose proxies are compiled and looked at. */
export interface VerifiedMesh {
  /** What the mesh is built from. */
  readonly meshInput: MeshInput;
  readonly mesh: Mesh;
  /** What compiles it; asked for where a proxy is to be compiled. */
  readonly session: Session;
  /** What was made of an earlier state of the same mesh. */
  readonly again?: Again | undefined;
  /** Makes the data plane in which findings try requests. */
  readonly dataPlaneOf: DataPlaneMaker;
}

/** How a mesh is looked at. */
export interface VerificationChoice {
  readonly verification: Verification;
  /** Whether the input holds only a part of the mesh, so that what is absent may stand elsewhere. */
  readonly isPartial?: boolean;
  /** Is told how many proxies were looked at. */
  readonly onProgress?: OnProgress | undefined;
}

/** How much `auto` compiles for all proxies: proxies times services, of which those with many ports count several times. */
const MAX_WORK = 20_000;
/** How much it compiles of larger inputs, where one proxy stands for those that see the same. */
const MAX_SHARED_WORK = 100_000;
/** How much of that a single proxy may be. */
const MAX_WORK_OF_ONE = 5000;
/** So many ports are as much work as a service usually is. */
const PORTS_OF_SERVICE = 4;
/** How many resources there may be for building the mesh again, once for each pair of rivals. */
const MAX_RESOURCES = 1500;

/**
 * What building the mesh has noted and what only the compiled configuration shows: what Envoy would refuse, routes to clusters that are not there, EnvoyFilter patches
 * that do nothing, and what depends on the order in which resources were created.
 */
export function verifyMesh(
  verified: VerifiedMesh,
  { verification, isPartial = false, onProgress }: VerificationChoice,
): readonly Diagnostic[] {
  const { meshInput, mesh, dataPlaneOf, again = afresh } = verified;
  const [{ meshConfigSource, resources }] = meshInput.clusters;
  const claims = findEmptyClaims(mesh);
  const plain = [...claims, ...mesh.notes];
  if (verification === 'never' || mesh.proxies.length === 0) return plain;
  const isForced = verification === 'always';
  const services = Math.max(1, mesh.registry.services.length);
  const ports = mesh.registry.services.reduce((sum, service) => sum + service.ports.length, 0);
  const hasPatches = mesh.envoyFilters.patches.length > 0;
  const workloads = new Set(mesh.proxies.map(({ namespace, workloadName }) => `${namespace}/${workloadName}`)).size;
  // Which patches do nothing is known only when every proxy has been compiled.
  const count = hasPatches ? mesh.proxies.length : workloads;
  const workOf = (proxies: number): number => proxies * Math.max(services, ports / PORTS_OF_SERVICE);
  const sharesWork = !isForced && workOf(count) > MAX_WORK;
  const served = services * PORTS_OF_SERVICE < ports ? `${ports} ports of services` : `${services} services`;
  const withoutProxies = (): readonly Diagnostic[] => [...plain, verificationSkipped({}, `${count} proxies and ${served}`)];
  if (sharesWork && workOf(1) > MAX_WORK_OF_ONE) return withoutProxies();
  const { session } = verified;
  const chosen = workloadsOf(session);
  const classes = sharesWork ? classesOf(session, chosen, resources) : undefined;
  if (classes !== undefined && workOf(new Set(classes.values()).size) > MAX_SHARED_WORK) return withoutProxies();
  const all = hasPatches && !sharesWork ? mesh.proxies : [...(classes?.keys() ?? chosen)];
  const rejections = createRejectionFinder(mesh);
  const inspect = againOver(again, 'inspector', mesh, createInspector);
  const endpointsToSee = createEndpointChoice(mesh, again);
  const blame = createBlamer(mesh, meshConfigSource);
  const refusals = createRefusalFinder(blame);
  const providerOf = createProviderFinder(mesh, meshConfigSource, ({ place }, snapshot) =>
    blame({ place, others: [] }, snapshot),
  );
  const missingClusters = createMissingClusterFinder(mesh, providerOf);
  const rules = watchWrittenRules(mesh);
  const found = new Map<string, Diagnostic>();
  // What the first of a class has is there for the others of it, which come after it.
  const clustersOfFirst = new Map<Proxy, ReadonlySet<string>>();
  for (const [index, proxy] of all.entries()) {
    onProgress?.(index, all.length);
    const first = classes?.get(proxy) ?? proxy;
    const snapshot = first === proxy ? session.compile(proxy) : session.compileOwn(proxy);
    if (classes !== undefined && first === proxy)
      clustersOfFirst.set(first, new Set(snapshot.clusters.map(({ name = '' }) => name)));
    rules.add(snapshot, isAtAssumedGateway(proxy) ? 'unknown ports' : 'known ports');
    const resources = inspect(snapshot, endpointsToSee);
    const findings = [
      ...rejections(snapshot),
      ...refusals(snapshot, resources),
      ...missingClusters(snapshot, resources, first === proxy ? undefined : clustersOfFirst.get(first)),
      ...snapshot.notes,
    ];
    for (const finding of findings) {
      if (isToldBy(finding, claims)) continue;
      // Of the proxies that have the same trouble, the first is named.
      const key = keyOf(finding, proxy);
      if (!found.has(key)) found.set(key, finding);
    }
  }
  const skipsOrder = sharesWork || (!isForced && resources.length > MAX_RESOURCES);
  return [
    ...plain,
    ...found.values(),
    ...unreachableFindings(rules, mesh, isPartial),
    ...session.patchNotes(),
    ...(skipsOrder ? [] : findOrderDependence(meshInput, session, chosen.filter(isClient), dataPlaneOf)),
  ];
}

/** Whether a proxy is of the gateway that is taken to exist: whoever installs it may have its pods listen at other ports. */
function isAtAssumedGateway({ workloadName, workload: { resource } }: Proxy): boolean {
  return isOfAssumedGateway({ ...resource, name: workloadName });
}

/** Whether requests begin at a proxy. */
function isClient({ role }: Proxy): boolean {
  return role !== 'waypoint';
}

/** What findings have in common that are about the same mistake: the place, or where that is unknown the text without the proxy. */
function keyOf({ code, resource, path, message }: Diagnostic, proxy: Proxy): string {
  return resource === undefined
    ? `${code} ${message.replaceAll(podKey(proxy), '')}`
    : `${code} ${resource.kind} ${resource.namespace}/${resource.name} ${path?.join('.')}`;
}
