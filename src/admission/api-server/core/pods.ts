import type { PodSpec, PodStatus } from '../../../api/kubernetes.ts';
import { checkAddress as checkTextOfAddress } from '../../../resource/api-server/addresses.ts';
import { dns1123Subdomain } from '../../../resource/api-server/formats.ts';
import { checkPod as checkNamesOfPod } from '../../../resource/api-server/pods.ts';
import { checkContainers, checkImages } from './containers.ts';
import type { FieldErrors, FieldPlace } from './place.ts';
import { fromRefusals } from './refusals.ts';
import { judgeScheduling } from './scheduling.ts';
import { checkPodSecurity } from './security.ts';
import { checkVolumes } from './volumes.ts';

/** k8s.io/kubernetes pkg/apis/core/validation ValidatePodCreate. What stands in its status is dropped before. */
export function* judgePod(object: FieldPlace): FieldErrors {
  const spec = object.at('spec');
  yield* fromRefusals(checkNamesOfPod({ spec: spec.fields as unknown as PodSpec, status: {} as PodStatus }));
  yield* judgePodSpec(spec);
  yield* checkImages(spec);
  const debugging = spec.at('ephemeralContainers');
  if (debugging.items.length > 0) yield debugging.forbidden('cannot be set on create');
}

/** ValidatePodSpec there, beside names and ports; `claims` are volumes that the maker of the pods adds. */
export function* judgePodSpec(spec: FieldPlace, claims: readonly string[] = []): FieldErrors {
  const written = yield* checkVolumes(spec.at('volumes'));
  const volumes = new Set([...written, ...claims]);
  yield* checkContainers(spec, { volumes, gracePeriod: spec.at('terminationGracePeriodSeconds').number });
  yield* spec.at('restartPolicy').oneOf(['Always', 'OnFailure', 'Never']);
  yield* spec.at('dnsPolicy').oneOf(['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']);
  yield* checkHostNetwork(spec);
  yield* checkPodSecurity(spec.at('securityContext'));
  yield* checkDns(spec);
  yield* checkHostAliases(spec);
  yield* spec.at('activeDeadlineSeconds').between(1, 2_147_483_647);
  yield* judgeScheduling(spec);
  yield* spec.at('preemptionPolicy').oneOf(['PreemptLowerPriority', 'Never'], false);
  for (const name of ['runtimeClassName', 'priorityClassName']) {
    if (spec.at(name).isSet) yield* spec.at(name).format(dns1123Subdomain);
  }
  yield* checkUsers(spec);
}

/** validateHostUsers there. */
function* checkUsers(spec: FieldPlace): FieldErrors {
  if (spec.at('hostUsers').value !== false) return;
  // The API server writes the names so.
  const names = [spec.at('hostNetwork'), spec.at('hostPID', 'HostPID'), spec.at('hostIPC', 'HostIPC')];
  for (const place of names) if (place.value === true) yield place.forbidden('when `hostUsers` is false');
}

/** validatePodHostNetworkDeps there. */
function* checkHostNetwork(spec: FieldPlace): FieldErrors {
  if (spec.at('hostNetwork').value !== true) return;
  for (const port of spec.at('containers').items.flatMap((container) => container.at('ports').items)) {
    const hostPort = port.at('hostPort');
    if (hostPort.number !== port.at('containerPort').number) {
      yield hostPort.invalid('must match `containerPort` when `hostNetwork` is true', hostPort.number);
    }
  }
}

/** validatePodDNSConfig there, of name servers. */
function* checkDns(spec: FieldPlace): FieldErrors {
  const config = spec.at('dnsConfig');
  const servers = config.at('nameservers');
  if (spec.at('dnsPolicy').text === 'None') {
    if (!config.isSet) yield config.required('must provide `dnsConfig` when `dnsPolicy` is None');
    else if (servers.items.length === 0)
      yield servers.required('must provide at least one DNS nameserver when `dnsPolicy` is None');
  }
  if (servers.items.length > 3) yield servers.invalid('must not have more than 3 nameservers');
  for (const server of servers.items) yield* checkAddress(server);
  for (const option of config.at('options').items) {
    if (option.at('name').text === '') yield option.required('must not be empty');
  }
}

function checkAddress({ path, field, text }: FieldPlace): FieldErrors {
  return fromRefusals(checkTextOfAddress(path, text, { field }));
}

/** ValidateHostAliases there. */
function* checkHostAliases(spec: FieldPlace): FieldErrors {
  for (const alias of spec.at('hostAliases').items) {
    yield* checkAddress(alias.at('ip'));
    for (const name of alias.at('hostnames').items) yield* name.format(dns1123Subdomain);
  }
}
