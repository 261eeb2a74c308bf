import type { Proxy } from '../model/proxy.ts';
import { nearestNames } from '../util/nearest.ts';
import { CommandError, EXIT } from './exit.ts';

/** What a name on the command line says: `pod`, `pod.namespace`, `namespace/pod`, `deployment/name[.namespace]`. */
function candidates(text: string, defaultNamespace: string): readonly ((proxy: Proxy) => boolean)[] {
  const isPod =
    (name: string, namespace: string) =>
    (proxy: Proxy): boolean =>
      proxy.name === name && proxy.namespace === namespace;
  const isOf =
    (name: string, namespace: string) =>
    (proxy: Proxy): boolean =>
      proxy.workloadName === name && proxy.namespace === namespace;
  const slash = text.indexOf('/');
  const [prefix, rest] = slash === -1 ? ['', text] : [text.slice(0, slash), text.slice(slash + 1)];
  const make = ownerKinds.has(prefix) ? isOf : isPod;
  const dot = rest.lastIndexOf('.');
  const byName = [make(rest, defaultNamespace), ...(dot > 0 ? [make(rest.slice(0, dot), rest.slice(dot + 1))] : [])];
  if (prefix === '' || podKinds.has(prefix) || ownerKinds.has(prefix)) return byName;
  return [isPod(rest, prefix)];
}

const podKinds: ReadonlySet<string> = new Set(['pod', 'pods', 'po']);
const ownerKinds: ReadonlySet<string> = new Set([
  'deployment',
  'deployments',
  'deploy',
  'statefulset',
  'statefulsets',
  'sts',
  'daemonset',
  'daemonsets',
  'ds',
  'replicaset',
  'replicasets',
  'rs',
  'job',
  'jobs',
]);

/**
 * The proxy that a name on the command line stands for (the first pod of a workload). Throws a CommandError with the nearest
 * names where there is none.
 */
export function findProxy(text: string, proxies: readonly Proxy[], defaultNamespace: string): Proxy {
  for (const matches of candidates(text, defaultNamespace)) {
    const found = proxies.find(matches);
    if (found !== undefined) return found;
  }
  throw new CommandError(`no pod with a proxy is named "${text}"${hint(text, proxies, defaultNamespace)}`, EXIT.usage);
}

function hint(text: string, proxies: readonly Proxy[], defaultNamespace: string): string {
  if (proxies.length === 0) return ': the manifests have no pod that is in the mesh';
  const spellings = new Map<string, string>();
  for (const { name, namespace, workloadName } of proxies) {
    const full = `${namespace}/${name}`;
    spellings.set(full, full).set(`${name}.${namespace}`, full).set(`deployment/${workloadName}.${namespace}`, full);
    if (!spellings.has(name) || namespace === defaultNamespace) spellings.set(name, full);
  }
  const near = [...new Set(nearestNames(text, spellings.keys(), 8).map((spelling) => spellings.get(spelling) ?? spelling))];
  const shown = near.length > 0 ? near.slice(0, 3) : proxies.slice(0, 3).map(({ name, namespace }) => `${namespace}/${name}`);
  return near.length > 0
    ? `; did you mean ${shown.join(', ')}?`
    : `; there are ${shown.join(', ')}${proxies.length > 3 ? ', ...' : ''}`;
}
