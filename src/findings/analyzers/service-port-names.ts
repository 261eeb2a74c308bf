import type { Report } from '../../diagnostics/diagnostic.ts';
import {
  externalNameServiceTypeInvalidPortName,
  portNameIsNotUnderNamingConvention,
} from '../../diagnostics/problems/istio/services.ts';
import { isSniffed } from '../../model/protocol.ts';
import { portProtocol } from '../../model/registry/service-ports.ts';
import { MANAGED, MANAGED_EAST_WEST, MANAGED_GATEWAY, MANAGED_WAYPOINT } from '../../resource/ambient-labels.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { at } from '../subject.ts';
import type { Analyzer } from './support/analyzer.ts';
import { reportEach } from './support/each.ts';
import { isControlPlane } from './support/pods.ts';

/** Values of the label on Services that istiod makes for gateways. */
const GATEWAY_CONTROLLERS: readonly string[] = [MANAGED_GATEWAY, MANAGED_WAYPOINT, MANAGED_EAST_WEST];

/** istio analyzers/service/portname.go. */
export const servicePortNames: Analyzer = {
  name: 'service.PortNameAnalyzer',
  about: 'The names of service ports, or appProtocol, say what is spoken there',
  reads: ['Service'],
  codes: [portNameIsNotUnderNamingConvention.code, externalNameServiceTypeInvalidPortName.code],
  run(reader, report) {
    const check = (resource: ResourceOf<'Service'>, note: Report): void => {
      const { labels, spec } = resource;
      if (isControlPlane(resource) || GATEWAY_CONTROLLERS.includes(labels[MANAGED] ?? '')) return;
      const isExternal = spec.type === 'ExternalName';
      (spec.ports ?? []).forEach((port, index) => {
        const name = port.name ?? '';
        if (!isSniffed(portProtocol(port)) && !(name === 'tcp' && isExternal)) return;
        const subject = at(resource, ['spec', 'ports', index, 'port']);
        if (isExternal) note(externalNameServiceTypeInvalidPortName(subject));
        else
          note(portNameIsNotUnderNamingConvention(subject, name, port.port, writtenTargetPort(resource.document.value, index)));
      });
    };
    reportEach(reader, 'port names', 'Service', () => [], check, report);
  },
};

/** istioctl shows the target port as it is written: 0 where it is not. */
function writtenTargetPort(value: unknown, index: number): string {
  const ports = (value as { spec?: { ports?: readonly { targetPort?: number | string }[] } }).spec?.ports;
  return String(ports?.[index]?.targetPort ?? 0);
}
