import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { type ClusterNetwork, externalAddresses, interceptionRules, type LivePod, nodeRules } from './cluster-network.ts';

const PREFIX = 'mesh-live-';
const CONFIGURATION = '/etc/netns';
/** What pods send to, whatever their own address is. */
const NODE = '169.254.1.1';
/** A client that is in none of the clusters. */
export const OUTSIDE = 'outside';

/** Network namespaces, by the key of their pod. */
export interface Namespaces {
  nameOf(key: string): string;
  remove(): void;
}

/**
 * A network namespace for each pod, for the node of each cluster, and for what lies between them. A node knows the pods of its cluster
 * and hands all else on; between the clusters, only addresses of load balancers lead anywhere.
 */
export function createNamespaces(network: ClusterNetwork): Namespaces {
  const clusters = [...new Set(network.pods.map(({ cluster }) => cluster))];
  const name = (part: string): string => `${PREFIX}${process.pid}-${part}`;
  const names = new Map([...network.pods.map(({ key }) => key), OUTSIDE].map((key, index) => [key, name(`pod${index}`)]));
  const nameOf = (key: string): string => names.get(key) ?? '';
  const between = name('between');
  const nodeOf = (cluster: string): string => name(`node${clusters.indexOf(cluster)}`);
  const external = externalAddresses(network);

  removeAbandoned();
  const all = [between, ...clusters.map(nodeOf), ...names.values()];
  const remove = (): void => {
    for (const one of all) removeNamespace(one);
  };
  try {
    for (const one of all) addNamespace(one);
    ip(between, ['link set lo up']);
    forward(between);
    for (const [index, cluster] of clusters.entries()) {
      const node = nodeOf(cluster);
      const [here, there] = [`203.0.113.${4 * index + 1}`, `203.0.113.${4 * index + 2}`];
      connect(between, `c${index}`, node, 'up0');
      ip(between, [
        `addr add ${here}/30 dev c${index}`,
        `link set c${index} up`,
        ...new Set((external.get(cluster) ?? []).map((address) => `route add ${address}/32 via ${there}`)),
      ]);
      ip(node, [
        'link set lo up',
        `addr add ${there}/30 dev up0`,
        'link set up0 up',
        `route add default via ${here}`,
        // An address of a pod that is not there: no host. Of others that nobody has, what lies between says that there is no network.
        ...new Set(network.pods.filter((pod) => pod.cluster === cluster).map((pod) => `route add unreachable ${podRange(pod)}`)),
      ]);
      forward(node);
      const { status, stderr } = spawnSync('ip', ['netns', 'exec', node, 'iptables-restore'], {
        input: nodeRules(cluster, network, 'up0'),
        encoding: 'utf8',
      });
      if (status !== 0) throw new Error(`iptables-restore: ${stderr}`);
    }
    for (const [index, pod] of network.pods.entries()) {
      const node = nodeOf(pod.cluster);
      connect(node, `p${index}`, nameOf(pod.key), 'eth0');
      ip(node, [`addr add ${NODE}/32 dev p${index}`, `link set p${index} up`, `route add ${pod.ip}/32 dev p${index}`]);
      ip(nameOf(pod.key), [
        'link set lo up',
        `addr add ${pod.ip}/32 dev eth0`,
        'link set eth0 up',
        `route add ${NODE}/32 dev eth0`,
        `route add default via ${NODE}`,
      ]);
    }
    connect(between, 'outside', nameOf(OUTSIDE), 'eth0');
    ip(between, ['addr add 192.0.2.1/30 dev outside', 'link set outside up']);
    ip(nameOf(OUTSIDE), [
      'link set lo up',
      'addr add 192.0.2.2/30 dev eth0',
      'link set eth0 up',
      'route add default via 192.0.2.1',
    ]);
  } catch (error) {
    remove();
    throw error;
  }
  return { nameOf, remove };
}

/** Whether namespaces can be made here, and connections redirected in them. */
export function canMakeNamespaces(): boolean {
  const probe = `${PREFIX}${process.pid}-probe`;
  if (spawnSync('ip', ['netns', 'add', probe]).status !== 0) return false;
  const { status } = spawnSync('ip', ['netns', 'exec', probe, 'iptables-restore'], { input: interceptionRules(1) });
  removeNamespace(probe);
  return status === 0;
}

/** The addresses that the pods of a cluster share with one of them. */
function podRange({ ip: address }: LivePod): string {
  return address.replace(/\.\d+\.\d+$/, '.0.0/16');
}

function addNamespace(name: string): void {
  run('ip', ['netns', 'add', name]);
  // No name server: a cluster that asks for a name fails at once, and holds no proxy back.
  mkdirSync(join(CONFIGURATION, name), { recursive: true });
  writeFileSync(join(CONFIGURATION, name, 'resolv.conf'), 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n');
}

function removeNamespace(name: string): void {
  spawnSync('ip', ['netns', 'delete', name]);
  rmSync(join(CONFIGURATION, name), { recursive: true, force: true });
}

/** Removes namespaces of runs that were killed. */
function removeAbandoned(): void {
  const { stdout } = spawnSync('ip', ['netns', 'list'], { encoding: 'utf8' });
  const running = new Set(readdirSync('/proc'));
  for (const [name, run = ''] of `${stdout}`.matchAll(/^mesh-live-(\d+)-\w+/gm)) if (!running.has(run)) removeNamespace(name);
}

function connect(one: string, oneLink: string, other: string, otherLink: string): void {
  run('ip', ['link', 'add', oneLink, 'netns', one, 'type', 'veth', 'peer', 'name', otherLink, 'netns', other]);
}

function ip(namespace: string, commands: readonly string[]): void {
  run('ip', ['-netns', namespace, '-batch', '-'], `${commands.join('\n')}\n`);
}

function forward(namespace: string): void {
  // Whoever asks for an address that nobody has is told at once, however often.
  run('ip', ['netns', 'exec', namespace, 'sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.ipv4.icmp_ratelimit=0']);
}

function run(command: string, argv: readonly string[], input = ''): void {
  const { status, stderr } = spawnSync(command, argv, { input, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${argv.join(' ')}: ${stderr}`);
}
