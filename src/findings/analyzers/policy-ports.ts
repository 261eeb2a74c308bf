import type { Path } from '../../diagnostics/diagnostic.ts';
import { formatField } from '../../diagnostics/format-field.ts';
import { policyNamesServicePort } from '../../diagnostics/problems/policy-effects.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import type { ServiceTarget } from '../../model/registry/service.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { memo } from '../../util/memo.ts';
import { at } from '../subject.ts';
import { type Analyzer, fullName } from './support/analyzer.ts';
import { allDemands, demandsOf } from './support/authorization.ts';

/** Ports of policies at sidecars and gateways, which compare them with the port that a connection has come to: that of the workload. */
export const policyPorts: Analyzer = {
  name: 'mesh.authorizationpolicy.ServicePorts',
  about: 'AuthorizationPolicies that name the port of a Service where the workload has another',
  reads: ['AuthorizationPolicy', 'Service', 'Pod'],
  codes: [policyNamesServicePort.code],
  run: (reader, report) => {
    if (!reader.list('AuthorizationPolicy').some((policy) => portsOf(policy).length > 0)) return;
    const mesh = reader.mesh();
    const ports = memo(portsOf);
    const found = new Map<
      string,
      NamedPort & { readonly policy: ResourceOf<'AuthorizationPolicy'>; readonly target: ServiceTarget }
    >();
    const fitting = new Set<string>();
    for (const proxy of mesh.proxies) {
      if (proxy.role === 'waypoint') continue;
      const { custom, audit, deny, allow } = mesh.policies.authorizationPolicies(proxy);
      for (const policy of [...custom, ...audit, ...deny, ...allow]) {
        for (const named of ports(policy)) {
          const key = `${fullName(policy)} ${named.field}`;
          if (hasPort(proxy, named.port)) fitting.add(key);
          const target = proxy.targets.find(({ port }) => String(port.port) === named.port);
          if (target !== undefined && !found.has(key)) found.set(key, { ...named, policy, target });
        }
      }
    }
    for (const [key, { policy, path, field, port, target }] of found) {
      // Where it is the port of another workload of the policy, that one may be meant.
      if (fitting.has(key)) continue;
      report(policyNamesServicePort(at(policy, path), field, port, fullName(target.service.resource), target.targetPort));
    }
  },
};

interface NamedPort {
  readonly port: string;
  readonly path: Path;
  /** The path as people write it. */
  readonly field: string;
}

function portsOf(policy: ResourceOf<'AuthorizationPolicy'>): readonly NamedPort[] {
  return demandsOf(policy)
    .flatMap(allDemands)
    .filter(({ asked }) => asked === 'port')
    .flatMap(({ values, notValues, path }) =>
      (values.length > 0 ? values : notValues).map((port, index) => {
        const place = [...path, index];
        return { port, path: place, field: formatField(place) };
      }),
    );
}

function hasPort({ targets, workload }: Proxy, port: string): boolean {
  return [...targets.map(({ targetPort }) => targetPort), ...workload.containerPorts.map((own) => own.port)].some(
    (own) => String(own) === port,
  );
}
