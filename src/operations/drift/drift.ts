import { usageError } from '../../diagnostics/user-error.ts';
import type { ResourceChange } from '../../diff/compare.ts';
import { compareWithRunning } from '../../diff/drift.ts';
import type { DumpedProxy } from '../../envoy/dump-snapshot.ts';
import { podKey } from '../../trace/data-plane.ts';
import { type Benches, findAmong, type ProxyOfBench, selectProxies } from '../../workbench/clusters.ts';
import { proxyOfDump } from '../../workbench/pods.ts';

/** What a proxy has against what its manifests give. */
export interface DriftReport {
  /** `[cluster/]namespace/name` of the proxy in the manifests. */
  readonly proxy: string;
  /** `before` is the manifests' side, `after` the proxy's. */
  readonly changes: readonly ResourceChange[];
  /** Whether endpoints are among what was compared; a dump that was made without include_eds has none. */
  readonly endpoints: 'compared' | 'left-out' | 'not-in-dump';
}

/** What to compare: with which pod of the manifests, where it is not the one of the dump's name, and whether endpoints too. */
export interface DriftChoice {
  readonly pod?: string | undefined;
  readonly endpoints: boolean;
}

/** How a running proxy departs from the manifests. Throws a UserError where they have no pod that the dump can be of. */
export function findDrift(benches: Benches, dumped: DumpedProxy, { pod, endpoints }: DriftChoice): DriftReport {
  const { bench, proxy } = pod === undefined ? proxyFor(dumped, benches) : findAmong(benches, pod);
  const comparesEndpoints = endpoints && dumped.hasEndpoints;
  return {
    proxy: podKey(proxy),
    changes: compareWithRunning(bench.session.compile(proxy), dumped.snapshot, { endpoints: comparesEndpoints }),
    endpoints: comparesEndpoints ? 'compared' : endpoints ? 'not-in-dump' : 'left-out',
  };
}

function proxyFor({ snapshot, workloadName, cluster }: DumpedProxy, benches: Benches): ProxyOfBench {
  const { name, namespace } = snapshot.proxy;
  if (name === '') throw usageError('the dump does not tell of which pod it is: name the pod of the manifests with --pod');
  const all = selectProxies(benches, undefined);
  // Where clusters are named, the dump tells its own by istiod's name for it.
  const ofCluster = all.filter(({ proxy }) => proxy.clusterId === cluster);
  const among = ofCluster.length > 0 ? ofCluster : all;
  const proxy = proxyOfDump(
    { name, namespace, workloadName },
    among.map((each) => each.proxy),
  );
  return among.find((each) => each.proxy === proxy) ?? findAmong(benches, `${namespace}/${name}`);
}
