import type { Cluster, ClusterMaglevLbConfig, ClusterRingHashLbConfig, OutlierDetection } from '../../../../envoy/api.gen.ts';
import { HTTP_OPTIONS, httpOptions } from '../../../../envoy/http-options.ts';
import { isIpAddress } from '../../../../util/ip-address.ts';
import { type Complain, defineRule, type RefusalRule } from '../rule.ts';

/** As Envoy source/common/upstream/upstream_impl.cc and the factories of clusters. */
export const clusterTypes: RefusalRule = defineRule('envoy.config.cluster.v3.Cluster', 'value', (cluster: Cluster, complain) => {
  const { type = 'STATIC', clusterType, edsClusterConfig, lbPolicy = 'ROUND_ROBIN', loadBalancingPolicy } = cluster;
  if (lbPolicy === 'LOAD_BALANCING_POLICY_CONFIG' && loadBalancingPolicy === undefined)
    complain(['loadBalancingPolicy'], 'is missing, although lbPolicy is LOAD_BALANCING_POLICY_CONFIG', 'write it', ['lbPolicy']);
  if (clusterType !== undefined) return;
  const isProvided = lbPolicy === 'CLUSTER_PROVIDED';
  if (type === 'EDS') {
    if (edsClusterConfig === undefined) complain(['edsClusterConfig'], 'is missing, although type is EDS', 'write it', ['type']);
  } else if (edsClusterConfig !== undefined) {
    complain(
      ['type'],
      `is ${type}, although the cluster has an edsClusterConfig, which only EDS takes`,
      'leave the type as it is',
    );
  }
  if (loadBalancingPolicy === undefined && type === 'ORIGINAL_DST' && !isProvided)
    complain(['lbPolicy'], `is ${lbPolicy}, but clusters of type ORIGINAL_DST take CLUSTER_PROVIDED only`, 'write that', [
      'type',
    ]);
  if (type !== 'ORIGINAL_DST' && isProvided)
    complain(['lbPolicy'], `is CLUSTER_PROVIDED, which a cluster of type ${type} does not provide`, 'choose another policy', [
      'type',
    ]);
  if (type === 'LOGICAL_DNS') checkSingleEndpoint(cluster, complain);
  if (type === 'STATIC') checkAddresses(cluster, complain);
});

/** Names are looked up for clusters with DNS only. */
function checkAddresses({ loadAssignment }: Cluster, complain: Complain): void {
  for (const [group, { lbEndpoints = [] }] of (loadAssignment?.endpoints ?? []).entries()) {
    for (const [index, { endpoint }] of lbEndpoints.entries()) {
      const socket = endpoint?.address?.socketAddress;
      if (socket?.address === undefined || socket.resolverName !== undefined || isIpAddress(socket.address)) continue;
      const path = [
        'loadAssignment',
        'endpoints',
        group,
        'lbEndpoints',
        index,
        'endpoint',
        'address',
        'socketAddress',
        'address',
      ];
      complain(path, `is "${socket.address}", no IP address`, 'write an IP address, or a type of cluster that looks names up', [
        'type',
      ]);
    }
  }
}

/**
 * A server that a request names is asked for that name and for its certificate, or the cluster says that it need not be. Where no options
 * of HTTP are written, Envoy asks so by itself. As Envoy source/extensions/clusters/dynamic_forward_proxy/cluster.cc.
 */
export const dynamicClusters: RefusalRule = defineRule(
  'envoy.config.cluster.v3.Cluster',
  'value',
  (cluster: Cluster, complain) => {
    const { clusterType, upstreamHttpProtocolOptions } = cluster;
    if (clusterType?.name !== 'envoy.clusters.dynamic_forward_proxy' || clusterType.typedConfig === undefined) return;
    const config = clusterType.typedConfig as { readonly allowInsecureClusterOptions?: boolean };
    if (config.allowInsecureClusterOptions === true) return;
    const written = httpOptions(cluster);
    const options = written === undefined ? upstreamHttpProtocolOptions : (written.upstreamHttpProtocolOptions ?? {});
    if (options === undefined || (options.autoSni === true && options.autoSanValidation === true)) return;
    complain(
      written === undefined ? ['upstreamHttpProtocolOptions'] : ['typedExtensionProtocolOptions', HTTP_OPTIONS],
      'has no autoSni and autoSanValidation, which clusters of type dynamic_forward_proxy need',
      'have TLS originated to the host, by a DestinationRule with trafficPolicy.tls.mode SIMPLE',
    );
  },
);

/** As Envoy source/common/upstream/outlier_detection_impl.cc; what is not written has a default. */
export const outlierDetection: RefusalRule = defineRule(
  'envoy.config.cluster.v3.OutlierDetection',
  'value',
  ({ baseEjectionTime = '30s', maxEjectionTime }: OutlierDetection, complain) => {
    if (maxEjectionTime === undefined || Number.parseFloat(maxEjectionTime) >= Number.parseFloat(baseEjectionTime)) return;
    complain(
      ['maxEjectionTime'],
      `is ${maxEjectionTime}, less than the baseEjectionTime of ${baseEjectionTime}`,
      'write a longer one',
    );
  },
);

/** As Envoy source/extensions/load_balancing_policies/ring_hash/ring_hash_lb.cc. */
export const ringSizes: RefusalRule = defineRule(
  'envoy.config.cluster.v3.Cluster.RingHashLbConfig',
  'value',
  ({ minimumRingSize = '1024', maximumRingSize = '8388608' }: ClusterRingHashLbConfig, complain) => {
    if (Number(minimumRingSize) <= Number(maximumRingSize)) return;
    complain(
      ['minimumRingSize'],
      `is ${minimumRingSize}, more than the maximumRingSize of ${maximumRingSize}`,
      'write a smaller one',
    );
  },
);

/** As Envoy source/extensions/load_balancing_policies/maglev/maglev_lb.cc. */
export const maglevTables: RefusalRule = defineRule(
  'envoy.config.cluster.v3.Cluster.MaglevLbConfig',
  'value',
  ({ tableSize = '65537' }: ClusterMaglevLbConfig, complain) => {
    if (!isPrime(Number(tableSize))) complain(['tableSize'], `is ${tableSize}, no prime number`, 'write a prime number');
  },
);

function isPrime(number: number): boolean {
  for (let divisor = 2; divisor * divisor <= number; divisor++) if (number % divisor === 0) return false;
  return number > 1;
}

function checkSingleEndpoint({ loadAssignment }: Cluster, complain: Complain): void {
  const groups = loadAssignment?.endpoints ?? [];
  const count = groups.flatMap(({ lbEndpoints = [] }) => lbEndpoints).length;
  if (groups.length === 1 && count === 1) return;
  complain(
    ['loadAssignment', 'endpoints'],
    `has ${count} endpoints, but a cluster of type LOGICAL_DNS has one`,
    'write one endpoint',
  );
}
