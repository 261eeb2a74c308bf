import type { MeshConfigExtensionProvider } from '../api/istio.gen.ts';
import type { Mesh } from '../model/mesh.ts';
import type { Service } from '../model/registry/service.ts';
import { destinationsOfVirtualService } from '../model/traffic/virtual-services.ts';
import { httpServerOf } from '../util/url.ts';
import type { GatewayView } from './view.ts';

/** An EnvoyFilter so annotated names services that its patches need. */
const REFERENCED_SERVICES = 'envoyfilter.istio.io/referenced-services';

/**
 * The services that a gateway has clusters for: all in its scope or, where istiod is told to leave out the rest, those to which the
 * virtual services of its Gateways send, and those that extension providers, keys of tokens and EnvoyFilters need.
 * As istio pilot/pkg/model/push_context.go GatewayServices and extraServicesForProxy.
 */
export function createGatewayServices(mesh: Mesh): (view: Omit<GatewayView, 'clusterServices'>) => readonly Service[] {
  const { filterGatewayClusterConfig, scopeGatewayToNamespace } = mesh.release.behaviours;
  if (!filterGatewayClusterConfig) return ({ scope }) => scope.services;

  const byGateway = new Map<string, Set<string>>();
  for (const { namespace, spec } of mesh.virtualServices.all) {
    for (const gateway of spec.gateways ?? []) {
      const slash = gateway.indexOf('/');
      const owner = slash === -1 ? namespace : gateway.slice(0, slash);
      const hosts = byGateway.get(gateway) ?? new Set();
      for (const host of destinationsOfVirtualService(spec, scopeGatewayToNamespace ? owner : '').keys()) hosts.add(host);
      byGateway.set(gateway, hosts);
    }
  }
  const extraHosts = createExtraHosts(mesh);

  return (view) => {
    const ofGateways = (view.gateway?.gatewayNames ?? []).flatMap((name) => [...(byGateway.get(name) ?? [])]);
    const wanted = new Set([...extraHosts(view), ...ofGateways]);
    return view.scope.services.filter((service) => isAmong(wanted, service));
  };
}

/** Whether a service is one of these hosts, `host` or `namespace/host`. */
export function isAmong(hosts: ReadonlySet<string>, { hostname, namespace }: Service): boolean {
  return hosts.has(hostname) || hosts.has(`${namespace}/${hostname}`);
}

/**
 * Makes the finder of the hosts that extension providers, keys of tokens and EnvoyFilters of a proxy need, whatever is sent there.
 * As istio pilot/pkg/model/push_context.go extraServicesForProxy.
 */
export function createExtraHosts(mesh: Mesh): (view: Pick<GatewayView, 'proxy' | 'requestAuthentications'>) => readonly string[] {
  const { jwtEnableRemoteJwks } = mesh.release.behaviours;
  const ofProviders = (mesh.config.extensionProviders ?? []).map(serviceOfProvider);
  return ({ proxy, requestAuthentications }) => {
    const ofFilters = mesh.envoyFilters
      .selectedFor(proxy)
      .flatMap(({ annotations }) => (annotations[REFERENCED_SERVICES] ?? '').split(','));
    const rules = jwtEnableRemoteJwks === 'istiod' ? [] : requestAuthentications.flatMap(({ spec }) => spec.jwtRules ?? []);
    return [...ofProviders, ...ofFilters, ...rules.flatMap(({ jwksUri = '' }) => httpServerOf(jwksUri)?.hostname ?? [])];
  };
}

function serviceOfProvider(provider: MeshConfigExtensionProvider): string {
  const { envoyExtAuthzHttp, envoyExtAuthzGrpc, zipkin, datadog, skywalking, opentelemetry, sds } = provider;
  const { envoyHttpAls, envoyTcpAls, envoyOtelAls } = provider;
  const settings = [envoyExtAuthzHttp, envoyExtAuthzGrpc, zipkin, datadog, skywalking, opentelemetry, sds];
  return [...settings, envoyHttpAls, envoyTcpAls, envoyOtelAls].find((one) => one !== undefined)?.service ?? '';
}
