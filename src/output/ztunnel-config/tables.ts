import { assertNever } from '../../util/assert.ts';
import { compareText } from '../../util/text.ts';
import { formatColumns } from '../columns.ts';
import { plain } from '../escape/plain.ts';
import { concatenated, type Printable, printed } from '../escape/printable.ts';
import { selectsNamespace, selectsWorkload, type ZtunnelConfigChoice } from './choice.ts';
import type { ZtunnelConfigPrinter } from './formats.ts';
import {
  readZtunnelState,
  type ZtunnelCertificate,
  type ZtunnelCertificates,
  type ZtunnelPod,
  type ZtunnelPolicy,
  type ZtunnelService,
  type ZtunnelState,
  type ZtunnelWorkload,
} from './state.ts';

/** istioctl's tables; istioctl/pkg/writer/ztunnel/configdump. */
export function ztunnelTables(...[{ value }, choice]: ZtunnelConfigPrinter): Printable {
  const state = readZtunnelState(value);
  if (choice.part !== 'all') return table(state, choice.part, choice);
  const parts = [
    ['WORKLOAD', 'workload'],
    ['SERVICE', 'service'],
    ['POLICY', 'policy'],
    ['SECRET', 'certificate'],
    ['CONNECTIONS', 'connections'],
  ] as const;
  return concatenated(
    parts.flatMap(([heading, part]) => [
      printed(plain`\n`),
      ...(choice.withHeaders ? [printed(plain`------ ${heading} INFO ------\n\n`)] : []),
      table(state, part, choice),
    ]),
  );
}

function table(state: ZtunnelState, part: Exclude<ZtunnelConfigChoice['part'], 'all'>, choice: ZtunnelConfigChoice): Printable {
  const { workloads, services, policies, certificates, pods } = state;
  switch (part) {
    case 'workload':
      return workloadTable((workloads ?? []).filter(selectsWorkload(choice.workloads)), services ?? []);
    case 'service':
      return serviceTable((services ?? []).filter(selectsNamespace(choice.serviceNamespace)), services ?? [], workloads ?? []);
    case 'policy':
      return policyTable((policies ?? []).filter(selectsNamespace(choice.policyNamespace)));
    case 'certificate':
      return certificateTable(certificates ?? [], choice.now);
    case 'connections':
      return connectionTable(pods.filter(selectsPod(choice.workloads)), state, choice);
    default:
      return assertNever(part);
  }
}

/** The name of a waypoint's Service. As waypointName. */
function waypointName(waypoint: ZtunnelService['waypoint'], services: readonly ZtunnelService[]): string {
  if (waypoint === undefined) return 'None';
  const { destination } = waypoint;
  const found = services.find(
    ({ namespace, hostname, vips }) => `${namespace}/${hostname}` === destination || vips?.includes(destination),
  );
  return found?.name ?? 'NA';
}

function workloadTable(workloads: readonly ZtunnelWorkload[], services: readonly ZtunnelService[]): Printable {
  const sorted = [...workloads].sort(
    (a, b) => compareText(`${a.namespace}.${a.name}`, `${b.namespace}.${b.name}`) || compareText(a.node, b.node),
  );
  const rows = sorted.map(({ namespace, name, workloadIps, hostname, node, waypoint, protocol }) => [
    ...[namespace, name, workloadIps?.join(',') || hostname, node, waypointName(waypoint, services), protocol],
  ]);
  return formatColumns([['NAMESPACE', 'POD NAME', 'ADDRESS', 'NODE', 'WAYPOINT', 'PROTOCOL'], ...rows], 1);
}

/** Services in the order of istioctl. */
export function sortedServices(services: readonly ZtunnelService[]): readonly ZtunnelService[] {
  return [...services].sort(
    (a, b) => compareText(a.namespace, b.namespace) || compareText(a.name, b.name) || compareText(a.hostname, b.hostname),
  );
}

function serviceTable(
  services: readonly ZtunnelService[],
  all: readonly ZtunnelService[],
  workloads: readonly ZtunnelWorkload[],
): Printable {
  const healthy = new Set(workloads.filter(({ status }) => status === 'Healthy').map(({ uid }) => uid));
  const rows = sortedServices(services).map(({ namespace, name, vips, waypoint, endpoints }) => {
    const list = Object.values(endpoints ?? {});
    const ready = list.filter((endpoint) => endpoint !== null && healthy.has(endpoint.workloadUid)).length;
    return [namespace, name, (vips ?? []).map(addressOf).join(','), waypointName(waypoint, all), `${ready}/${list.length}`];
  });
  return formatColumns([['NAMESPACE', 'SERVICE NAME', 'SERVICE VIP', 'WAYPOINT', 'ENDPOINTS'], ...rows], 1);
}

/** The address of `network/address`. */
function addressOf(text: string): string {
  const slash = text.indexOf('/');
  return slash === -1 ? '' : text.slice(slash + 1);
}

/** Policies in the order of istioctl. */
export function sortedPolicies(policies: readonly ZtunnelPolicy[]): readonly ZtunnelPolicy[] {
  return [...policies].sort((a, b) => compareText(a.namespace, b.namespace) || compareText(a.name, b.name));
}

function policyTable(policies: readonly ZtunnelPolicy[]): Printable {
  const rows = sortedPolicies(policies).map(({ namespace, name, action, scope }) => [namespace, name, action, scope]);
  return formatColumns([['NAMESPACE', 'POLICY NAME', 'ACTION', 'SCOPE'], ...rows], 1);
}

function certificateTable(certificates: readonly ZtunnelCertificates[], now: number): Printable {
  const head = ['CERTIFICATE NAME', 'TYPE', 'STATUS', 'VALID CERT', 'SERIAL NUMBER', 'NOT AFTER', 'NOT BEFORE'];
  return formatColumns([head, ...certificates.flatMap((each) => certificateRows(each, now))], 5);
}

function certificateRows({ identity, state, certChain, rootCerts }: ZtunnelCertificates, now: number): readonly string[][] {
  const status = state.includes('Unavailable') ? 'Unavailable' : state;
  const chain = certChain ?? [];
  const roots = rootCerts ?? [];
  if (chain.length === 0) return [[identity, 'NA', status, 'false', 'NA', 'NA', 'NA']];
  const row = (type: string, certificate: ZtunnelCertificate): string[] => {
    const { serialNumber, expirationTime, validFrom } = certificate;
    const isValid = now > Date.parse(validFrom) && now < Date.parse(expirationTime);
    return [identity, type, status, String(isValid), hexadecimal(serialNumber), expirationTime || 'NA', validFrom || 'NA'];
  };
  // Older ztunnels have the root as the last of the chain.
  const typeOf = (index: number): string => {
    if (index === 0) return 'Leaf';
    return index === chain.length - 1 && roots.length === 0 ? 'Root' : 'Intermediate';
  };
  return [...chain.map((certificate, index) => row(typeOf(index), certificate)), ...roots.map((root) => row('Root', root))];
}

/** A decimal number as Go prints a big.Int by `%x`. */
function hexadecimal(decimal: string): string {
  return /^[+-]?\d+$/.test(decimal) ? BigInt(decimal).toString(16) : '<nil>';
}

/** Whether a pod with connections is asked for. */
export function selectsPod({ name, namespace }: ZtunnelConfigChoice['workloads']) {
  return ({ info }: ZtunnelPod): boolean =>
    (namespace === '' || namespace === info.namespace) && (name === '' || name.toLowerCase() === info.name.toLowerCase());
}

function connectionTable(
  pods: readonly ZtunnelPod[],
  { services, workloads }: ZtunnelState,
  { direction, raw }: ZtunnelConfigChoice,
): Printable {
  const hosts = new Map((services ?? []).map(({ vips, hostname }) => [addressOf(vips?.[0] ?? '') || 'None', hostname]));
  const names = new Map(
    (workloads ?? []).map(({ workloadIps, name, namespace }) => [workloadIps?.[0] || 'None', `${name}.${namespace}`]),
  );
  const named = (address: string): string => {
    const [, bracketed, bare, port] = /^(?:\[([^\]]*)\]|([^:]*)):([^:]*)$/.exec(address) ?? [];
    const ip = bracketed ?? bare ?? '';
    const name = raw ? undefined : (hosts.get(ip) ?? names.get(ip));
    return name === undefined ? address : `${name}:${port ?? ''}`;
  };
  const rows = pods.flatMap(({ connections, info }) => {
    const pod = `${info.name}.${info.namespace}`;
    const inbound = direction === 'outbound' ? [] : (connections.inbound ?? []);
    const outbound = direction === 'inbound' ? [] : (connections.outbound ?? []);
    return [
      ...inbound.map(({ src, actualDst, originalDst, protocol }) => [
        ...[pod, 'Inbound', named(actualDst), named(src), originalDst, protocol],
      ]),
      ...outbound.map(({ src, actualDst, originalDst, protocol }) => [
        ...[pod, 'Outbound', named(src), named(actualDst), named(originalDst), protocol],
      ]),
    ];
  });
  return formatColumns([['WORKLOAD', 'DIRECTION', 'LOCAL', 'REMOTE', 'REMOTE TARGET', 'PROTOCOL'], ...rows], 1);
}
