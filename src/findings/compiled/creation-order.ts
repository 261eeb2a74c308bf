import { createSession, type Session } from '../../compile/session.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { creationOrderDecides } from '../../diagnostics/problems/compiled.ts';
import { type Change, listChanges } from '../../diff/changes.ts';
import type { XdsSnapshot } from '../../envoy/snapshot.ts';
import { exploreRequests } from '../../exploration/explore.ts';
import type { OpenRequest } from '../../exploration/open-request.ts';
import { buildMesh } from '../../model/build-mesh.ts';
import type { MeshInput } from '../../model/mesh-input.ts';
import { creationTime } from '../../model/order.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import { factsOf } from '../../model/proxies/roles.ts';
import { hostsOverlap } from '../../model/traffic/host.ts';
import { ALWAYS } from '../../request-space/formula.ts';
import type { Resource } from '../../resource/resource.ts';
import { type Sample, samplesOf, sentRequest, urlOf } from '../../sample-requests/samples.ts';
import { policyConditionsOf, type Target, targetsOf } from '../../sample-requests/targets.ts';
import { type DataPlane, podKey } from '../../trace/data-plane.ts';
import type { Outcome } from '../../trace/outcome.ts';
import { traceRequest } from '../../trace/trace.ts';
import { compact } from '../../util/object.ts';
import { at } from '../subject.ts';
import { findRivals, type Rivals } from './rivals.ts';

/** Parts of the configuration that change nothing of what happens to requests. */
const UNNOTICED = /metadata\.filterMetadata\.istio|decorator\.operation|statPrefix/;

/** Makes the data plane of pods for requests to travel through. */
export type DataPlaneMaker = (session: Session) => DataPlane;

/** How many pairs are tried; each is another mesh to build. */
const MAX_PAIRS = 12;
const MAX_TARGETS = 200;
const SAMPLES_OF_TARGET = 24;

/** Where no sample ends otherwise, so many places in all are asked about all requests, class by class. */
const MOST_PLACES = 12;
const MOST_CLASSES = 300;

/**
 * The pairs of resources between which the time of creation decides: the mesh is compiled as it is and with the two created in the
 * other order, and a request is sent through both until one ends otherwise; of all requests there are, since each class of those that
 * nothing tells apart is tried. `representatives` stand for all proxies.
 */
export function findOrderDependence(
  input: MeshInput,
  session: Session,
  representatives: readonly Proxy[],
  dataPlaneOf: DataPlaneMaker,
): readonly Diagnostic[] {
  const pairs = findRivals(session.mesh).slice(0, MAX_PAIRS);
  if (pairs.length === 0) return [];
  const before = dataPlaneOf(session);
  const budget = { places: MOST_PLACES };
  return pairs.flatMap((pair) => {
    const swapped = createSession(buildMesh(withSwappedCreation(input, pair)));
    const after = dataPlaneOf(swapped);
    for (const proxy of representatives) {
      const pod = before.pods.find((candidate) => podKey(candidate) === podKey(proxy));
      const [earlier, later] = pod === undefined ? [] : [before.snapshotOf(pod), after.snapshotOf(pod)];
      if (earlier === undefined || later === undefined) continue;
      const changes = listChanges(earlier, later)
        .map(({ change }) => change)
        .filter(({ where }) => !UNNOTICED.test(where));
      if (changes.length === 0) continue;
      // What differs in routes shows in a request, if it matters.
      const change = changes.find(({ type }) => type === 'clusters' || type === 'listeners');
      const found =
        differingRequest(pair, proxy, [earlier, later], [before, after], budget) ??
        (change && describeChange(change, podKey(proxy)));
      if (found === undefined) continue;
      const { kind, name, namespace } = pair.older;
      const subject = at(pair.younger, ['metadata', 'name']);
      return [creationOrderDecides(subject, `${kind} ${namespace}/${name}`, found.request, found.before, found.after)];
    }
    return [];
  });
}

/** The input with the younger resource created just before the older one. */
function withSwappedCreation({ clusters: [cluster, ...others], ...rest }: MeshInput, { older, younger }: Rivals): MeshInput {
  const isYounger = ({ kind, group, namespace, name }: Resource): boolean =>
    kind === younger.kind && group === younger.group && namespace === younger.namespace && name === younger.name;
  const swap = (resource: Resource): Resource =>
    isYounger(resource) ? { ...resource, createdAt: creationTime(older) - 1000 } : resource;
  return { ...rest, clusters: [{ ...cluster, resources: cluster.resources.map(swap) }, ...others] };
}

interface Difference {
  readonly request: string;
  readonly before: string;
  readonly after: string;
}

function describeChange({ type, resource, where, before, after }: Change, proxy: string): Difference {
  const value = (found: unknown): string => {
    const text = found === undefined ? 'absent' : JSON.stringify(found);
    return text.length > 80 ? `${text.slice(0, 77)}...` : text;
  };
  return {
    request: `in the ${type} of ${proxy},`,
    before: `${[resource, where].filter((part) => part !== '').join(' ')} is ${value(before)}`,
    after: `is ${value(after)}`,
  };
}

/** Whether requests come to a proxy from outside of the mesh, and not from its own pod. */
function isEntered({ role }: Proxy): boolean {
  return factsOf[role].canBeEdge;
}

/** The first request that ends otherwise in the second data plane. */
function differingRequest(
  { hosts }: Rivals,
  proxy: Proxy,
  [earlier, later]: readonly [XdsSnapshot, XdsSnapshot],
  dataPlanes: readonly [DataPlane, DataPlane],
  budget: { places: number },
): Difference | undefined {
  const concerned = [...targetsOf(earlier, later).values()].filter(
    (target) => hosts.length === 0 || hosts.some((host) => hostsOverlap(host, target.host) || target.host.startsWith('x.')),
  );
  // What a gateway asks of the tokens of those outside.
  const policies = isEntered(proxy) ? [earlier, later].flatMap(policyConditionsOf) : [];
  for (const target of concerned.slice(0, MAX_TARGETS)) {
    for (const sample of samplesOf(target, policies, SAMPLES_OF_TARGET)) {
      const [before, after] = [describe(proxy, sample, dataPlanes[0]), describe(proxy, sample, dataPlanes[1])];
      if (before !== after) return { request: requestText(proxy, sample), before, after };
    }
  }
  // What routes tell apart together is in no sample.
  const isTold = ({ conditions }: Target): boolean => conditions.length > 1;
  for (const target of concerned.filter(isTold)) {
    if (budget.places === 0) break;
    budget.places--;
    const found = differingClass(proxy, target, dataPlanes);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The first class of requests to a place that end otherwise in the second data plane. */
function differingClass(proxy: Proxy, target: Target, dataPlanes: readonly [DataPlane, DataPlane]): Difference | undefined {
  const { scheme, host, ip = proxy.ips[0] ?? '', port, serverName } = target;
  if (scheme !== 'http' && scheme !== 'https') return undefined;
  const open: OpenRequest = {
    from: isEntered(proxy) ? '' : podKey(proxy),
    address: { ip, port },
    scheme,
    within: ALWAYS,
    authority: host,
    serverName,
    isForOneAuthority: true,
    isFromAnyAddress: isEntered(proxy),
    isForAnyServerName: false,
  };
  const { classes } = exploreRequests(
    open,
    (request, begin) => dataPlanes.map((plane) => endOf(traceRequest(plane, request, begin()))),
    MOST_CLASSES,
  );
  for (const { witness, seen, isOfOtherForm } of classes) {
    const [before = '', after = ''] = seen;
    if (before === after || isOfOtherForm) continue;
    const { method, target: path, headers } = witness.request;
    return {
      request: requestText(proxy, { target, method, path, headers, ...compact({ claims: witness.token?.claims }) }),
      before,
      after,
    };
  }
  return undefined;
}

function requestText(proxy: Proxy, sample: Sample): string {
  const { claims } = sample;
  const shown = claims === undefined ? sample.headers : sample.headers.filter(([name]) => name !== 'authorization');
  const headers = shown.map(([name, value]) => ` -H "${name}: ${value}"`).join('');
  const token = claims === undefined ? '' : ` with the token ${JSON.stringify(claims)}`;
  const from = isEntered(proxy) ? `through gateway ${podKey(proxy)}` : `from ${podKey(proxy)}`;
  const { scheme } = sample.target;
  const what = scheme === 'tcp' || scheme === 'tls' ? `a connection to ${urlOf(sample)}` : `${sample.method} ${urlOf(sample)}`;
  return `${what}${headers}${token} ${from}`;
}

/** What becomes of a request, in a few words. */
function describe(proxy: Proxy, sample: Sample, dataPlane: DataPlane): string {
  const from = isEntered(proxy) ? '' : podKey(proxy);
  const outcomes = traceRequest(dataPlane, { ...sentRequest(sample, proxy.ips[0]), isBrief: true, from });
  return endOf(outcomes);
}

function endOf(outcomes: readonly Outcome[]): string {
  return [...new Set(outcomes.map(describeOutcome))].sort().join(' or ');
}

function describeOutcome({ hops, status, deliveries, logs }: Outcome): string {
  const cluster = hops[0]?.steps.find(({ kind }) => kind === 'cluster')?.name;
  const flags = logs[0]?.flags ?? '-';
  const isRefused = status === 0 || status >= 400;
  const end = isRefused ? `gets ${status === 0 ? 'no answer' : `status ${status}`}${flags === '-' ? '' : ` (${flags})`}` : '';
  if (cluster === undefined) return end || `gets status ${status}`;
  const [delivery] = deliveries;
  const details = delivery === undefined ? '' : ` as ${delivery.path}`;
  return `goes to ${cluster}${isRefused ? ` and ${end}` : details}`;
}
