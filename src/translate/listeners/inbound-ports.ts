import type { IstioIngressListener, ServerTLSSettings } from '../../api/istio.gen.ts';
import type { Metadata } from '../../envoy/api.gen.ts';
import type { Mesh } from '../../model/mesh.ts';
import { type Protocol, parseProtocol } from '../../model/protocol.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import type { SidecarView } from '../../scope/view.ts';
import { isGlobalUnicast } from '../../util/ip-address.ts';
import type { Origin } from '../../util/origin.ts';
import { configMetadata } from '../naming/config-metadata.ts';
import { subsetKey } from '../naming/names.ts';
import { kubernetesNames, type StatNameInput } from '../naming/stat-names.ts';
import { canListen, isUnprivileged, virtualListenerPorts } from './ports.ts';

/** A port of the workload as its inbound chains see it; istio inboundChainConfig. */
export interface InboundPort {
  readonly cluster: string;
  /** Of the service, or of the Sidecar's ingress listener. */
  readonly servicePort: number;
  readonly portName: string;
  readonly protocol: Protocol;
  /** The port of the workload; 0 for all that are not named. */
  readonly targetPort: number;
  readonly bind: string;
  /** Whether it is on any address because the listener says nothing else, in all families of the proxy. */
  readonly onAnyAddress: boolean;
  /** Whether it has a listener of its own instead of chains in the virtual one. */
  readonly bindToPort: boolean;
  /** One of the catch-all chains. */
  readonly isPassthrough: boolean;
  /** What telemetry calls the service. */
  readonly hostname: string;
  readonly kubernetes: StatNameInput['kubernetes'];
  /** The TLS that the Sidecar wants terminated, where that takes effect; `protocol` is then what is inside. */
  readonly tls?: ServerTLSSettings | undefined;
  readonly metadata?: Metadata | undefined;
  readonly origin?: Origin | undefined;
}

/**
 * The ports of the workload, ascending: those of its Sidecar's ingress listeners where it has any, else those that services reach it
 * by; or both, where istiod is told to merge them. `anywhere` is the address that stands for "any" in the family of the proxy. As istio pilot/pkg/networking/core/listener_inbound.go buildInboundChainConfigs.
 */
export function inboundPorts(mesh: Mesh, view: SidecarView, anywhere: string): readonly InboundPort[] {
  const ingress = view.scope.sidecar?.spec.ingress ?? [];
  const { allowSidecarServiceInboundListenerMerge: merges } = mesh.release.behaviours;
  const ports = [
    ...(ingress.length > 0 ? ingressPorts(mesh, view, ingress, anywhere) : []),
    ...(ingress.length > 0 && !merges ? [] : servicePorts(mesh, view.proxy, ingress, anywhere)),
  ];
  const byTarget = new Map<number, InboundPort>();
  // Of several services on one port the oldest decides, of several ingress listeners the first.
  for (const port of ports) if (!byTarget.has(port.targetPort)) byTarget.set(port.targetPort, port);
  return [...byTarget.values()].sort((a, b) => a.targetPort - b.targetPort);
}

/** Those of services, but for ports that the Sidecar names: what it says goes before them, even where it cannot be. */
function servicePorts(
  mesh: Mesh,
  proxy: Proxy,
  ingress: readonly IstioIngressListener[],
  anywhere: string,
): readonly InboundPort[] {
  const bindToPort = proxy.interceptionMode === 'NONE';
  // Without redirection, a listener on the port of the application would keep it from starting.
  if (bindToPort && ingress.length === 0) return [];
  const named = new Set(ingress.map(({ port }) => port?.number ?? 0));
  const unprivileged = isUnprivileged(proxy);
  const reserved = virtualListenerPorts(mesh.config);
  return proxy.targets.flatMap(({ service, port, targetPort }) => {
    if (named.has(targetPort)) return [];
    const binding = { bindToPort, bind: anywhere, anywhere, port: targetPort, protocol: port.protocol };
    if (!canListen(binding, unprivileged, reserved)) return [];
    return [
      {
        cluster: inboundCluster(targetPort),
        servicePort: port.port,
        portName: port.name,
        protocol: port.protocol,
        targetPort,
        bind: anywhere,
        onAnyAddress: true,
        bindToPort,
        isPassthrough: false,
        hostname: service.hostname,
        kubernetes: kubernetesNames(service),
        origin: { resource: service.resource, path: ['spec', 'ports'] },
      },
    ];
  });
}

function ingressPorts(
  mesh: Mesh,
  { proxy, scope }: SidecarView,
  ingress: readonly IstioIngressListener[],
  anywhere: string,
): readonly InboundPort[] {
  const { enableTlsOnSidecarIngress } = mesh.release.behaviours;
  const unprivileged = isUnprivileged(proxy);
  const { sidecar } = scope;
  const ownAddress = proxy.ips.find(isGlobalUnicast);
  return ingress.flatMap((listener, index) => {
    const port = listener.port?.number ?? 0;
    const protocol = parseProtocol(listener.port?.protocol ?? '');
    const bindToPort =
      listener.captureMode === undefined || listener.captureMode === 'DEFAULT'
        ? proxy.interceptionMode === 'NONE'
        : listener.captureMode === 'NONE';
    const bind = listener.bind ?? '';
    if (!canListen({ bindToPort, bind, anywhere, port, protocol }, unprivileged, [])) return [];
    const tls = enableTlsOnSidecarIngress ? listener.tls : undefined;
    return [
      {
        cluster: inboundCluster(port),
        servicePort: port,
        portName: listener.port?.name ?? '',
        protocol: tls === undefined ? protocol : afterTermination(protocol),
        tls,
        targetPort: port,
        bind: bind || ownAddress || anywhere,
        onAnyAddress: bind === '' && ownAddress === undefined,
        bindToPort,
        isPassthrough: false,
        // There is no service: telemetry names the Sidecar, in the namespace it is in effect in.
        hostname: `${scope.name}.${scope.namespace}`,
        kubernetes: undefined,
        ...(sidecar && {
          metadata: configMetadata({ ...sidecar, namespace: scope.namespace }),
          origin: { resource: sidecar, path: ['spec', 'ingress', index] },
        }),
      },
    ];
  });
}

/** What is inside of TLS; istio protocol.Instance AfterTLSTermination. */
function afterTermination(protocol: Protocol): Protocol {
  return protocol === 'HTTPS' ? 'HTTP' : protocol === 'TLS' ? 'TCP' : protocol;
}

/** Name of the cluster that leads to a port of the workload: istio model.BuildInboundSubsetKey. */
function inboundCluster(targetPort: number): string {
  return subsetKey('inbound', '', '', targetPort);
}

/** Whether chains of a port of the workload exist, so that port-level policies need no catch-all chains of their own. */
export function servesPort(view: SidecarView, port: number): boolean {
  const ingress = view.scope.sidecar?.spec.ingress ?? [];
  if (ingress.length > 0) return ingress.some((listener) => listener.port?.number === port);
  return view.proxy.targets.some(({ targetPort }) => targetPort === port);
}
