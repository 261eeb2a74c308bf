import type { Mesh } from '../../model/mesh.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import type { Service } from '../../model/registry/service.ts';
import type { Resource } from '../../resource/resource.ts';
import type { ProxyView } from '../../scope/view.ts';
import { assertNever } from '../../util/assert.ts';
import { isObject } from '../../util/object.ts';
import type { Workbench } from '../../workbench/workbench.ts';

/** What `mesh translate --stage` can show of the work before its end. */
export type EarlierStage = 'documents' | 'model' | 'view';

/** An earlier stage of the work as data, for those who want to see what mesh understood. */
export function stageData(stage: EarlierStage, bench: Workbench, proxies: readonly Proxy[]): object {
  switch (stage) {
    case 'documents':
      return { documents: bench.input.resources.map(describeResource) };
    case 'model':
      return describeMesh(bench.mesh);
    case 'view':
      return {
        views: Object.fromEntries(
          proxies.map((proxy) => [`${proxy.namespace}/${proxy.name}`, describeView(bench.session.view(proxy))]),
        ),
      };
    default:
      return assertNever(stage);
  }
}

function describeResource(resource: Resource): object {
  const { kind, group, version, name, namespace, labels, annotations, spec, status, document } = resource;
  const { file, line } = document.locate([]);
  const apiVersion = group === '' ? version : `${group}/${version}`;
  const metadata = { name, ...(namespace !== '' && { namespace }), labels, annotations };
  // Of kinds without a spec the whole object stands there; what is shown above is not repeated.
  const body =
    isObject(spec) && 'apiVersion' in spec ? { ...spec, apiVersion: undefined, kind: undefined, metadata: undefined } : { spec };
  return { at: `${file}:${line}`, apiVersion, kind, metadata, ...body, status };
}

function describeMesh(mesh: Mesh): object {
  const { registry } = mesh;
  return {
    config: mesh.config,
    services: registry.services.map((service) => ({
      ...plain(service, 1),
      endpoints: Object.fromEntries(
        service.ports.map((port) => [
          port.name || port.port,
          registry.endpointsOf(service, port).map(({ address, port: number, health }) => ({ address, port: number, health })),
        ]),
      ),
    })),
    workloads: registry.workloads.map((workload) => plain(workload, 2)),
    proxies: mesh.proxies.map((proxy) => ({
      ...plain({ ...proxy, workload: undefined, targets: undefined }, 2),
      targets: proxy.targets.map(({ service, port, targetPort }) => ({ service: service.hostname, port: port.port, targetPort })),
    })),
  };
}

function describeView(view: ProxyView): object {
  const { scope } = view;
  return {
    type: view.role,
    sidecar: scope.sidecar && refText(scope.sidecar),
    outboundTrafficPolicy: scope.outboundTrafficPolicy,
    services: scope.services.map(({ hostname }) => hostname),
    listeners: scope.egressListeners.map((listener) => ({
      listener: listener.listener,
      services: listener.services.map(({ hostname }) => hostname),
      virtualServices: listener.virtualServices.map(refText),
    })),
  };
}

function refText({ kind, namespace, name }: Resource): string {
  return `${kind} ${namespace}/${name}`;
}

/** A value of the model as JSON: resources by name, services by hostname, no functions; not deeper than `depth`. */
function plain(value: object, depth: number): Readonly<Record<string, unknown>> {
  const entries = Object.entries(value).filter(([, member]) => typeof member !== 'function' && member !== undefined);
  return Object.fromEntries(entries.map(([key, member]) => [key, plainMember(member, depth)]));
}

function plainMember(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('document' in value && 'kind' in value) return refText(value as Resource);
  if ('hostname' in value && 'ports' in value) return (value as Service).hostname;
  if (value instanceof Map) return plain(Object.fromEntries(value), depth);
  if (value instanceof Set) return [...value];
  if (Array.isArray(value)) return value.map((item) => plainMember(item, depth));
  return depth <= 0 ? undefined : plain(value, depth - 1);
}
