import type { FilterChain, ListenerFilter, ListenerFilterChainMatchPredicate } from '../../envoy/api.gen.ts';
import type { InterceptionMode } from '../../model/proxies/proxy.ts';
import { httpInspector, originalDestination, originalSource, tlsInspector } from './listener-filters.ts';

/** What has to be looked into on a port before a chain can be chosen. */
interface Inspection {
  readonly tls: boolean;
  readonly http: boolean;
}

/**
 * The listener filters of an inbound listener: its inspectors, switched off on ports whose chains do not need them.
 * As istio pilot/pkg/networking/core/listener_inbound.go populateListenerFilters.
 */
export function inboundListenerFilters(
  chains: readonly FilterChain[],
  bindToPort: boolean,
  interceptionMode: InterceptionMode,
): ListenerFilter[] {
  const inspections = inspectionsByPort(chains);
  return [
    ...(bindToPort ? [] : [originalDestination]),
    ...(!bindToPort && interceptionMode === 'TPROXY' ? [originalSource] : []),
    ...tlsInspectors(inspections),
    // After the TLS inspector: what is TLS is not looked into.
    ...httpInspectors(inspections),
  ];
}

/** By destination port; 0 stands for the chains that name none. */
function inspectionsByPort(chains: readonly FilterChain[]): ReadonlyMap<number, Inspection> {
  const inspections = new Map<number, Inspection>();
  for (const { filterChainMatch } of chains) {
    const port = filterChainMatch?.destinationPort ?? 0;
    const before = inspections.get(port);
    inspections.set(port, {
      tls: before?.tls === true || filterChainMatch?.transportProtocol === 'tls',
      http:
        before?.http === true ||
        filterChainMatch?.applicationProtocols?.some((name) => name === 'http/1.1' || name === 'h2c') === true,
    });
  }
  return inspections;
}

function portsWhere(inspections: ReadonlyMap<number, Inspection>, test: (inspection: Inspection) => boolean): number[] {
  return [...inspections]
    .filter(([, inspection]) => test(inspection))
    .map(([port]) => port)
    .sort((a, b) => a - b);
}

/** Everywhere but on some ports where unknown ports need it, else only on some ports. */
function tlsInspectors(inspections: ReadonlyMap<number, Inspection>): ListenerFilter[] {
  const enabled = portsWhere(inspections, ({ tls }) => tls);
  if (enabled.length === 0) return [];
  if (!inspections.get(0)?.tls) return [{ ...tlsInspector, filterDisabled: { notMatch: onPorts(enabled) } }];
  return [
    disabledOn(
      tlsInspector,
      portsWhere(inspections, ({ tls }) => !tls),
    ),
  ];
}

function httpInspectors(inspections: ReadonlyMap<number, Inspection>): ListenerFilter[] {
  if (portsWhere(inspections, ({ http }) => http).length === 0) return [];
  return [
    disabledOn(
      httpInspector,
      portsWhere(inspections, ({ http }) => !http),
    ),
  ];
}

/** A listener filter that does nothing on some ports. */
export function disabledOn(filter: ListenerFilter, ports: readonly number[]): ListenerFilter {
  return ports.length === 0 ? filter : { ...filter, filterDisabled: onPorts(ports) };
}

function onPorts(ports: readonly number[]): ListenerFilterChainMatchPredicate {
  const rules = ports.map(onPort);
  const [only] = rules;
  return rules.length === 1 && only !== undefined ? only : { orMatch: { rules } };
}

/** The end is exclusive. */
function onPort(port: number): ListenerFilterChainMatchPredicate {
  return { destinationPortRange: { ...(port !== 0 && { start: port }), end: port + 1 } };
}
