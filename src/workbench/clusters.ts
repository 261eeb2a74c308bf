import { withAssumedAddresses } from '../input/assumed-addresses.ts';
import { primaryInputs } from '../input/clusters.ts';
import type { Input } from '../input/load.ts';
import type { Proxy } from '../model/proxies/proxy.ts';
import { compareText } from '../util/text.ts';
import { capturedPods, findProxy } from './pods.ts';
import { openWorkbench, type Workbench } from './workbench.ts';

/** A proxy, and the workbench of the istiod that configures it. */
export interface ProxyOfBench {
  readonly bench: Workbench;
  readonly proxy: Proxy;
}

/** One workbench or, of several clusters, one for each primary. */
export type Benches = readonly [Workbench, ...Workbench[]];

/** The workbenches of these clusters, one for each primary; of one cluster without a name, its own. */
export function openPrimaries(inputs: readonly Input[]): Benches {
  const [first, ...others] = primaryInputs(inputs).map(({ input, meshInput }) => openWorkbench(input, meshInput, inputs));
  if (first === undefined) throw new TypeError('there is always an input');
  return [first, ...others];
}

/** The same to follow requests: what istiod adds while it runs is taken to be there. */
export function openForRequests(inputs: readonly Input[]): Benches {
  return openPrimaries(inputs.map(withAssumedAddresses));
}

/**
 * The proxies of these names, else all, by cluster, namespace and name. Throws a UserError where a name is that of no proxy, or of
 * proxies in several clusters.
 */
export function selectProxies(benches: readonly Workbench[], names: readonly string[] | undefined): readonly ProxyOfBench[] {
  if (names === undefined) {
    return benches
      .flatMap((bench) => bench.mesh.proxies.map((proxy) => ({ bench, proxy })))
      .sort((a, b) => compareText(a.proxy.cluster ?? '', b.proxy.cluster ?? ''));
  }
  return [...new Map(names.map((name) => findAmong(benches, name)).map((found) => [found.proxy, found])).values()];
}

/** The proxy of a name among those of all primaries. */
export function findAmong(benches: readonly Workbench[], name: string): ProxyOfBench {
  const all = benches.flatMap((bench) => bench.mesh.proxies.map((proxy) => ({ bench, proxy })));
  const proxy = findProxy(
    name,
    all.map((each) => each.proxy),
    () => benches.flatMap(({ mesh }) => capturedPods(mesh)),
    benches[0]?.input.namespace ?? 'default',
  );
  const found = all.find((each) => each.proxy === proxy);
  if (found === undefined) throw new TypeError('a proxy is of a bench');
  return found;
}
