import type { ServiceSpec, ServiceStatus } from '../../../api/kubernetes.ts';
import { checkService as checkNames } from '../../../resource/api-server/service.ts';
import { parseCidr } from '../../../util/cidr.ts';
import type { FieldErrors, FieldPlace } from './place.ts';
import { fromRefusals } from './refusals.ts';

/** Protocols of ports. */
export const protocols = ['SCTP', 'TCP', 'UDP'] as const;

/** k8s.io/kubernetes pkg/apis/core/validation ValidateService. */
export function* judgeService(object: FieldPlace): FieldErrors {
  const spec = object.at('spec');
  const [type, ports] = [spec.at('type').text, spec.at('ports')];
  const isHeadless = spec.at('clusterIP').text === 'None' || spec.at('clusterIPs').items[0]?.text === 'None';
  if (ports.items.length === 0 && !isHeadless && type !== 'ExternalName') yield ports.required();
  if (type === 'ExternalName') yield* checkExternalName(spec);
  for (const port of ports.items) {
    if (ports.items.length > 1 && port.at('name').text === '') yield port.at('name').required();
    yield* port.at('protocol').oneOf(protocols);
  }
  // The decoder has seen to the types.
  yield* fromRefusals(
    checkNames({ spec: spec.fields as unknown as ServiceSpec, status: object.at('status').fields as ServiceStatus }),
  );
  yield* checkSessionAffinity(spec);
  yield* checkFamilies(spec);
  yield* spec.at('type').oneOf(['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']);
  yield* checkSourceRanges(spec);
  yield* checkLoadBalancerFields(spec);
  yield* checkTraffic(spec);
}

function* checkExternalName(spec: FieldPlace): FieldErrors {
  const reason = 'may not be set for ExternalName services';
  if (spec.at('ipFamilies').items.length > 0) yield spec.at('ipFamilies').forbidden(reason);
  if (spec.at('ipFamilyPolicy').isSet) yield spec.at('ipFamilyPolicy').forbidden(reason);
  const name = spec.at('externalName');
  if (name.text === '' || name.text === '.') yield name.required();
}

/** Where sessions are not sticky, what is said about them is dropped. */
function* checkSessionAffinity(spec: FieldPlace): FieldErrors {
  const affinity = spec.at('sessionAffinity');
  yield* affinity.oneOf(['ClientIP', 'None']);
  const timeout = spec.at('sessionAffinityConfig').at('clientIP').at('timeoutSeconds');
  if (affinity.text === 'ClientIP' && timeout.isSet && (timeout.number <= 0 || timeout.number > 86_400)) {
    yield timeout.invalid('must be greater than 0 and less than 86400');
  }
}

function* checkFamilies(spec: FieldPlace): FieldErrors {
  if (spec.at('type').text === 'ExternalName') return;
  const families = spec.at('ipFamilies');
  const seen = new Set<string>();
  for (const family of families.items) {
    if (!['IPv4', 'IPv6'].includes(family.text)) yield family.notSupported(['IPv4', 'IPv6']);
    if (seen.has(family.text)) yield family.duplicate();
    seen.add(family.text);
  }
  const policy = spec.at('ipFamilyPolicy');
  const policies = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];
  if (policy.isSet && !policies.includes(policy.text)) yield policy.notSupported(policies);
}

function* checkSourceRanges(spec: FieldPlace): FieldErrors {
  const ranges = spec.at('loadBalancerSourceRanges', 'LoadBalancerSourceRanges');
  if (ranges.items.length === 0) return;
  if (spec.at('type').text !== 'LoadBalancer') yield ranges.forbidden("may only be used when `type` is 'LoadBalancer'");
  for (const range of ranges.items) {
    const text = range.text.trim();
    if (!text.includes('/') || parseCidr(text) === undefined) {
      yield range.invalid('must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)', text);
    }
  }
}

const ofLoadBalancers = "may only be used when `type` is 'LoadBalancer'";

function* checkLoadBalancerFields(spec: FieldPlace): FieldErrors {
  if (spec.at('type').text === 'LoadBalancer') return;
  const allocate = spec.at('allocateLoadBalancerNodePorts');
  if (allocate.isSet) yield allocate.forbidden(ofLoadBalancers);
  const loadBalancerClass = spec.at('loadBalancerClass');
  if (loadBalancerClass.isSet) yield loadBalancerClass.forbidden(ofLoadBalancers);
}

/** validateServiceExternalTrafficPolicy and those after it. */
function* checkTraffic(spec: FieldPlace): FieldErrors {
  const [type, policy, health] = [spec.at('type').text, spec.at('externalTrafficPolicy'), spec.at('healthCheckNodePort')];
  const isExternal =
    type === 'NodePort' || type === 'LoadBalancer' || (type === 'ClusterIP' && spec.at('externalIPs').items.length > 0);
  if (isExternal) yield* policy.oneOf(['Cluster', 'Local']);
  else if (policy.text !== '') yield policy.invalid('may only be set for externally-accessible services');
  if (health.number !== 0 && !(type === 'LoadBalancer' && policy.text === 'Local')) {
    yield health.invalid("may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'");
  }
  yield* spec.at('internalTrafficPolicy').oneOf(['Cluster', 'Local'], false);
  yield* spec.at('trafficDistribution').oneOf(['PreferClose', 'PreferSameZone', 'PreferSameNode'], false);
}
