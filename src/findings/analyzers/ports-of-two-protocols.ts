import { targetPortProtocols } from '../../diagnostics/problems/routing.ts';
import { isHttp, isTcp, type Protocol } from '../../model/protocol.ts';
import type { ServiceTarget } from '../../model/registry/service.ts';
import { at } from '../subject.ts';
import { type Analyzer, fullName } from './support/analyzer.ts';

/** Services that give one port of a workload two protocols; istio core/listener_inbound.go takes that of the first. */
export const portsOfTwoProtocols: Analyzer = {
  name: 'mesh.service.TargetPortProtocols',
  about: 'Services that lead to one port of the same pods as HTTP and as TCP',
  reads: ['Service', 'Pod'],
  codes: [targetPortProtocols.code],
  run: (reader, report) => {
    if (reader.list('Service').length < 2) return;
    const { proxies, sidecars } = reader.mesh();
    // A Sidecar can say itself what its workload serves.
    const withIngress = new Set(sidecars.filter(({ spec }) => (spec.ingress ?? []).length > 0).map(({ namespace }) => namespace));
    const told = new Set<string>();
    for (const { role, namespace, workloadName, interceptionMode, targets } of proxies) {
      if (role !== 'sidecar' || interceptionMode === 'NONE' || withIngress.has(namespace)) continue;
      const byTarget = new Map<number, ServiceTarget>();
      for (const target of targets) {
        const first = byTarget.get(target.targetPort);
        if (first === undefined) byTarget.set(target.targetPort, target);
        else if (differ(first.port.protocol, target.port.protocol)) {
          const [mine, theirs] = [target.service, first.service].map((service) => fullName(service.resource));
          const key = `${mine} ${theirs} ${target.targetPort}`;
          if (told.has(key)) continue;
          told.add(key);
          const subject = at(target.service.resource, ['spec', 'ports']);
          const workload = `${namespace}/${workloadName}`;
          report(
            targetPortProtocols(
              subject,
              target.targetPort,
              workload,
              target.port.protocol,
              theirs ?? '',
              first.port.protocol,
              isTcp(first.port.protocol),
            ),
          );
        }
      }
    }
  },
};

/** Whether one is HTTP and the other one passes connections on. */
function differ(one: Protocol, other: Protocol): boolean {
  return (isHttp(one) && isTcp(other)) || (isTcp(one) && isHttp(other));
}
