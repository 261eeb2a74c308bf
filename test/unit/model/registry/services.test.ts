import { describe, expect, test } from 'vitest';
import type { MeshConfig } from '../../../../src/api/istio.gen.ts';
import type { Endpoint, Service, ServiceRegistry } from '../../../../src/model/registry/service.ts';
import { buildServiceRegistry, type RegistryOptions } from '../../../../src/model/registry/services.ts';
import { defaultRelease } from '../../../../src/releases/index.ts';
import { resourcesOfYaml } from '../../../support/resources.ts';

const registryOf = (yaml: string, config: MeshConfig = {}, options: RegistryOptions = {}): ServiceRegistry =>
  buildServiceRegistry(resourcesOfYaml(yaml), config, options);

function serviceOf(registry: ServiceRegistry, hostname: string): Service {
  const [service] = registry.servicesOf(hostname);
  if (service === undefined) throw new Error(`no service ${hostname}`);
  return service;
}

function endpointsOf(registry: ServiceRegistry, hostname: string): readonly Endpoint[] {
  const service = serviceOf(registry, hostname);
  return service.ports.flatMap((port) => registry.discoveredEndpointsOf(service, port));
}

const pod = (name: string, labels: string, rest = ''): string => `
---
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: shop, labels: ${labels}}
spec: {serviceAccountName: seller, nodeName: node-1, containers: [{name: app, ports: [{name: web, containerPort: 8080}]}]}
${rest}`;

const catalog = `
apiVersion: v1
kind: Service
metadata: {name: catalog, namespace: shop}
spec:
  clusterIP: 10.96.0.1
  selector: {app: catalog}
  ports:
  - {name: http-web, port: 80, targetPort: web}
  - {name: tcp-raw, port: 9000}
`;
const catalogHost = 'catalog.shop.svc.cluster.local';

describe('Kubernetes Services', () => {
  test('have the endpoints of the pods they select, with named target ports resolved', () => {
    const registry = registryOf(catalog + pod('catalog-1', '{app: catalog}', 'status: {podIP: 10.244.0.1}'));
    expect(serviceOf(registry, catalogHost)).toMatchObject({ address: '10.96.0.1', resolution: 'clientSide' });
    expect(endpointsOf(registry, catalogHost)).toMatchObject([
      { address: '10.244.0.1', port: 8080, tlsMode: 'istio', health: 'healthy', workloadName: 'catalog-1' },
      { address: '10.244.0.1', port: 9000 },
    ]);
  });

  describe('of both address families', () => {
    const dual = { behaviours: { ...defaultRelease.behaviours, dualStack: true } };
    const both = catalog.replace('clusterIP: 10.96.0.1', 'clusterIP: 10.96.0.1\n  clusterIPs: [10.96.0.1, "fd00::1"]');
    const pods = pod(
      'catalog-1',
      '{app: catalog}',
      'status: {podIP: 10.244.0.1, podIPs: [{ip: 10.244.0.1}, {ip: "fd00:244::1"}]}',
    );
    const slice = (family: string, address: string): string => `
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: catalog-${family.toLowerCase()}, namespace: shop, labels: {kubernetes.io/service-name: catalog}}
addressType: ${family}
endpoints: [{addresses: ["${address}"], targetRef: {kind: Pod, name: catalog-1, namespace: shop}}]
ports: [{name: tcp-raw, port: 9000}]`;
    const addressesOf = (yaml: string, options?: RegistryOptions): (readonly string[])[] =>
      endpointsOf(registryOf(yaml, {}, options), catalogHost)
        .filter(({ port }) => port === 9000)
        .map(({ address, additionalAddresses }) => [address, ...additionalAddresses]);

    test('have one endpoint for both addresses of a pod where istiod serves both', () => {
      expect(addressesOf(both + pods)).toEqual([['10.244.0.1'], ['fd00:244::1']]);
      expect(addressesOf(both + pods, dual)).toEqual([['10.244.0.1', 'fd00:244::1']]);
      expect(addressesOf(catalog + pods, dual)).toEqual([['10.244.0.1']]);
    });

    test('have the addresses of the families of the Service, in its order, whatever the first address of a pod', () => {
      const six = catalog.replace('clusterIP: 10.96.0.1', 'clusterIP: "fd00::1"');
      expect(addressesOf(six + pods)).toEqual([['fd00:244::1']]);
      expect(addressesOf(six + pod('catalog-1', '{app: catalog}', 'status: {podIP: 10.244.0.1}'))).toEqual([]);
      const written = catalog.replace('clusterIP: 10.96.0.1', 'clusterIP: None\n  ipFamilies: [IPv6, IPv4]');
      expect(addressesOf(written + pods, dual)).toEqual([['fd00:244::1'], ['10.244.0.1']]);
    });

    test('have the first address of a pod where a headless Service tells of no family', () => {
      const headless = catalog.replace('clusterIP: 10.96.0.1', 'clusterIP: None');
      const ipv6First = pods.replace(
        'podIP: 10.244.0.1, podIPs: [{ip: 10.244.0.1}, {ip: "fd00:244::1"}]',
        'podIP: "fd00:244::1", podIPs: [{ip: "fd00:244::1"}, {ip: 10.244.0.1}]',
      );
      expect(addressesOf(headless + pods)).toEqual([['10.244.0.1']]);
      expect(addressesOf(headless + ipv6First)).toEqual([['fd00:244::1']]);
      expect(addressesOf(both + ipv6First, dual)).toEqual([['fd00:244::1', '10.244.0.1']]);
    });

    test('do not have the IPv6 slice of the same pods a second time', () => {
      const slices = slice('IPv4', '10.244.0.1') + slice('IPv6', 'fd00:244::1');
      expect(addressesOf(both + pods + slices)).toEqual([['10.244.0.1'], ['fd00:244::1']]);
      expect(addressesOf(both + pods + slices, dual)).toEqual([['10.244.0.1', 'fd00:244::1']]);
    });
  });

  test('leave out a port whose name a pod does not have', () => {
    const other = catalog.replace('targetPort: web', 'targetPort: admin');
    const registry = registryOf(other + pod('catalog-1', '{app: catalog}', 'status: {podIP: 10.244.0.1}'));
    expect(endpointsOf(registry, catalogHost).map(({ port }) => port)).toEqual([9000]);
  });

  test('do not have pods that ended, and mark those that are not ready', () => {
    const registry = registryOf(
      catalog +
        pod('ended', '{app: catalog}', 'status: {podIP: 10.244.0.1, phase: Succeeded}') +
        pod('slow', '{app: catalog}', 'status: {podIP: 10.244.0.2, conditions: [{type: Ready, status: "False"}]}'),
    );
    expect(endpointsOf(registry, catalogHost).map(({ address, health }) => [address, health])).toEqual([
      ['10.244.0.2', 'unhealthy'],
      ['10.244.0.2', 'unhealthy'],
    ]);
  });

  test('given slices replace what the selector would find', () => {
    const slice = `
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: catalog-1, namespace: shop, labels: {kubernetes.io/service-name: catalog}}
addressType: IPv4
ports: [{name: http-web, port: 8888}]
endpoints:
- {addresses: [192.0.2.1]}
- {addresses: [10.244.0.9], targetRef: {kind: Pod, name: gone, namespace: shop}}
`;
    const registry = registryOf(catalog + pod('catalog-1', '{app: catalog}', 'status: {podIP: 10.244.0.1}') + slice);
    expect(endpointsOf(registry, catalogHost)).toMatchObject([
      { address: '192.0.2.1', port: 8888, tlsMode: 'disabled', workloadName: '', namespace: '' },
    ]);
  });

  test('an unready endpoint counts as shutting down unless it says that it is not', () => {
    const slice = `
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: catalog-1, namespace: shop, labels: {kubernetes.io/service-name: catalog}}
addressType: IPv4
ports: [{name: http-web, port: 8888}]
endpoints:
- {addresses: [192.0.2.1], conditions: {ready: false}}
- {addresses: [192.0.2.2], conditions: {ready: false, terminating: false}}
`;
    expect(endpointsOf(registryOf(catalog + slice), catalogHost).map(({ health }) => health)).toEqual([
      'terminating',
      'unhealthy',
    ]);
  });

  test('select WorkloadEntries after pods, at the ports these map', () => {
    const entry = `
---
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: {name: vm, namespace: shop}
spec: {address: 172.16.0.1, labels: {app: catalog}, serviceAccount: vm, weight: 3, ports: {web: 18080}}
`;
    const registry = registryOf(catalog + pod('catalog-1', '{app: catalog}', 'status: {podIP: 10.244.0.1}') + entry);
    expect(endpointsOf(registry, catalogHost)).toMatchObject([
      { address: '10.244.0.1', port: 8080 },
      { address: '172.16.0.1', port: 18080, health: 'unknown', weight: 3, tlsMode: 'istio' },
      { address: '10.244.0.1', port: 9000 },
      { address: '172.16.0.1', port: 9000 },
    ]);
  });

  test('without selector select no WorkloadEntries', () => {
    const entry = `
---
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: {name: vm, namespace: shop}
spec: {address: 172.16.0.1, labels: {app: catalog}}
`;
    expect(endpointsOf(registryOf(catalog.replace('{app: catalog}', '{}') + entry), catalogHost)).toEqual([]);
  });

  test('headless ones are passed through, dual stack ones keep the addresses of both families', () => {
    const registry = registryOf(`
apiVersion: v1
kind: Service
metadata: {name: db, namespace: shop}
spec: {clusterIP: None, ports: [{port: 5432}]}
---
apiVersion: v1
kind: Service
metadata: {name: dual, namespace: shop}
spec: {clusterIP: 10.96.0.2, clusterIPs: [10.96.0.2, "fd00::2"], ports: [{port: 80}]}
`);
    expect(serviceOf(registry, 'db.shop.svc.cluster.local')).toMatchObject({
      resolution: 'passthrough',
      address: '0.0.0.0',
      addresses: [],
    });
    const dual = { address: '10.96.0.2', addresses: ['10.96.0.2', 'fd00::2'] };
    expect(serviceOf(registry, 'dual.shop.svc.cluster.local')).toMatchObject(dual);
  });

  test('ExternalName ones become aliases of the service at the end of the chain; loops lead nowhere', () => {
    const alias = (name: string, target: string): string => `
---
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: shop}
spec: {type: ExternalName, externalName: ${target}, ports: [{port: 80}]}
`;
    const registry = registryOf(
      catalog +
        alias('one', 'two.shop.svc.cluster.local') +
        alias('two', catalogHost) +
        alias('three', 'four.shop.svc.cluster.local') +
        alias('four', 'three.shop.svc.cluster.local'),
    );
    expect(serviceOf(registry, catalogHost).aliases.map(({ hostname }) => hostname)).toEqual([
      'one.shop.svc.cluster.local',
      'two.shop.svc.cluster.local',
    ]);
    expect(serviceOf(registry, 'three.shop.svc.cluster.local')).toMatchObject({ resolution: 'alias', aliases: [] });
  });

  test('come before ServiceEntries of their host in their namespace, and share endpoints with them', () => {
    const registry = registryOf(`${catalog}${pod('catalog-1', '{app: catalog}', 'status: {podIP: 10.244.0.1}')}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: more, namespace: shop}
spec:
  hosts: [${catalogHost}]
  resolution: STATIC
  ports: [{number: 80, name: http-web, protocol: HTTP}]
  endpoints: [{address: 192.0.2.1}]
`);
    const service = registry.service(catalogHost, 'shop');
    expect(service?.registry).toBe('Kubernetes');
    expect(endpointsOf(registry, catalogHost).map(({ address }) => address)).toEqual(['192.0.2.1', '10.244.0.1', '10.244.0.1']);
  });
});

describe('identities', () => {
  test('of a service are those of its endpoints and those it names, in all trust domains, sorted', () => {
    const named = catalog.replace(
      'namespace: shop}',
      'namespace: shop, annotations: {alpha.istio.io/kubernetes-serviceaccounts: "audit"}}',
    );
    const registry = registryOf(named + pod('catalog-1', '{app: catalog}', 'status: {podIP: 10.244.0.1}'), {
      trustDomain: 'td',
      trustDomainAliases: ['old'],
    });
    expect(registry.serviceAccountsOf(serviceOf(registry, catalogHost))).toEqual([
      'spiffe://old/ns/shop/sa/audit',
      'spiffe://old/ns/shop/sa/seller',
      'spiffe://td/ns/shop/sa/audit',
      'spiffe://td/ns/shop/sa/seller',
    ]);
  });
});

describe('service targets', () => {
  const targets = (registry: ServiceRegistry, name: string): unknown[] => {
    const workload = registry.workloads.find((candidate) => candidate.name === name);
    return (workload ? registry.targetsOf(workload) : []).map(({ service, port, targetPort }) => [
      service.name,
      port.name,
      targetPort,
    ]);
  };

  test('are the ports that a pod has for the services that select it', () => {
    const registry = registryOf(catalog + pod('catalog-1', '{app: catalog}', 'status: {podIP: 10.244.0.1}'));
    expect(targets(registry, 'catalog-1')).toEqual([
      ['catalog', 'http-web', 8080],
      ['catalog', 'tcp-raw', 9000],
    ]);
  });

  test('of two ports with one target and protocol, the first counts', () => {
    const twice = catalog.replace('- {name: tcp-raw, port: 9000}', '- {name: http-more, port: 81, targetPort: 8080}');
    const registry = registryOf(twice + pod('catalog-1', '{app: catalog}', 'status: {podIP: 10.244.0.1}'));
    expect(targets(registry, 'catalog-1')).toEqual([['catalog', 'http-web', 8080]]);
  });

  test('include ServiceEntries of the namespace that select the pod, after older Kubernetes Services', () => {
    const entry = `
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: alias, namespace: shop}
spec:
  hosts: [alias.example]
  location: MESH_INTERNAL
  resolution: STATIC
  ports: [{number: 8081, name: web, protocol: HTTP}, {number: 8082, name: other, protocol: HTTP, targetPort: 8080}]
  workloadSelector: {labels: {app: catalog}}
`;
    const registry = registryOf(catalog + pod('catalog-1', '{app: catalog}', 'status: {podIP: 10.244.0.1}') + entry);
    expect(targets(registry, 'catalog-1')).toEqual([
      ['catalog', 'http-web', 8080],
      ['catalog', 'tcp-raw', 9000],
      ['alias.example', 'web', 8080],
      ['alias.example', 'other', 8080],
    ]);
  });

  test('of a pod that no service selects come from slices that name its address', () => {
    const selectorless = catalog.replace('  selector: {app: catalog}\n', '');
    const slice = `
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: catalog-1, namespace: shop, labels: {kubernetes.io/service-name: catalog}}
addressType: IPv4
ports: [{name: http-web, port: 8888}]
endpoints: [{addresses: [10.244.0.1]}]
`;
    const registry = registryOf(selectorless + pod('catalog-1', '{app: other}', 'status: {podIP: 10.244.0.1}') + slice);
    expect(targets(registry, 'catalog-1')).toEqual([['catalog', 'http-web', 8888]]);
  });
});

describe('ServiceEntries', () => {
  const entry = (spec: string, metadata = ''): string => `
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: partner, namespace: shop${metadata}}
spec:
  hosts: [a.example, b.example]
  ports: [{number: 443, name: tls, protocol: TLS, targetPort: 8443}]
${spec}`;

  test('make a service of each host and address', () => {
    const registry = registryOf(entry('  addresses: [192.0.2.1, 192.0.2.2/32, 198.51.100.0/24, nonsense]\n  resolution: STATIC'));
    expect(registry.services.map(({ hostname, address }) => `${hostname} ${address}`)).toEqual([
      'a.example 192.0.2.1',
      'a.example 192.0.2.2',
      'a.example 198.51.100.0/24',
      'b.example 192.0.2.1',
      'b.example 192.0.2.2',
      'b.example 198.51.100.0/24',
    ]);
  });

  test('without endpoints have their host name as endpoint when it is resolved by DNS', () => {
    const registry = registryOf(entry('  resolution: DNS'));
    const service = serviceOf(registry, 'a.example');
    expect(service).toMatchObject({ resolution: 'dns', meshExternal: true });
    expect(service.ports.flatMap((port) => registry.endpointsOf(service, port))).toMatchObject([
      { address: 'a.example', port: 8443, tlsMode: 'disabled', workloadName: 'partner' },
    ]);
  });

  test('number their endpoints, take the port that an endpoint maps, and unix sockets without port', () => {
    const registry = registryOf(
      entry(`  resolution: STATIC
  endpoints:
  - {address: 192.0.2.1, ports: {tls: 9443}, locality: r/z/s, serviceAccount: partner}
  - {address: "unix:///var/run/a.sock"}`),
    );
    expect(endpointsOf(registry, 'a.example')).toMatchObject([
      { address: '192.0.2.1', port: 9443, workloadName: 'partner-0', localityLabel: 'r/z/s', tlsMode: 'istio' },
      { address: '/var/run/a.sock', port: 0, workloadName: 'partner-1', tlsMode: 'disabled' },
    ]);
  });

  test('without resolution change the port of the destination', () => {
    const registry = registryOf(entry('  resolution: NONE'));
    expect(serviceOf(registry, 'a.example')).toMatchObject({
      resolution: 'passthrough',
      passthroughTargetPorts: new Map([[443, 8443]]),
    });
  });

  test('select pods before WorkloadEntries, and no names unless DNS resolves them', () => {
    const workloads = `
---
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: {name: a-vm, namespace: shop, labels: {app: partner}}
spec: {address: 172.16.0.1}
---
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: {name: named, namespace: shop}
spec: {address: vm.internal.example, labels: {app: partner}}
---
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: {name: elsewhere, namespace: other}
spec: {address: 172.16.0.2, labels: {app: partner}}
`;
    const selecting = entry('  resolution: STATIC\n  workloadSelector: {labels: {app: partner}}');
    const registry = registryOf(selecting + workloads + pod('b-pod', '{app: partner}', 'status: {podIP: 10.244.0.1}'));
    expect(endpointsOf(registry, 'a.example').map(({ workloadName, health }) => [workloadName, health])).toEqual([
      ['b-pod', 'healthy'],
      ['a-vm', 'unknown'],
    ]);
  });

  test('leave out WorkloadEntries that are reported sick, unless istiod is told not to look', () => {
    const sick = `
---
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: {name: sick, namespace: shop, annotations: {proxy.istio.io/health-checks-enabled: "true"}}
spec: {address: 172.16.0.1, labels: {app: partner}}
status: {conditions: [{type: Healthy, status: "False"}]}
`;
    const selecting = entry('  resolution: STATIC\n  workloadSelector: {labels: {app: partner}}') + sick;
    expect(endpointsOf(registryOf(selecting), 'a.example')).toEqual([]);
    const behaviours = { ...defaultRelease.behaviours, enableWorkloadEntryHealthchecks: false };
    expect(endpointsOf(registryOf(selecting, {}, { behaviours }), 'a.example').length).toBeGreaterThan(0);
  });

  test('use the address that their status allocates to a host, unless they opt out', () => {
    const status = 'status: {addresses: [{host: a.example, value: 240.240.0.7}, {host: a.example, value: "2001:2::f0f0:7"}]}';
    const allocated = (metadata: string): readonly string[] =>
      serviceOf(registryOf(entry(`  resolution: DNS\n${status}`, metadata)), 'a.example').allocatedAddresses;
    expect(allocated('')).toEqual(['240.240.0.7', '2001:2::f0f0:7']);
    expect(allocated(', labels: {networking.istio.io/enable-autoallocate-ip: "false"}')).toEqual([]);
  });

  test('of one host that are resolved round robin have one endpoint for each port', () => {
    const one = entry('  resolution: DNS_ROUND_ROBIN\n  endpoints: [{address: x.example}]');
    const registry = registryOf(one + one.replace('name: partner', 'name: second'));
    const service = serviceOf(registry, 'a.example');
    expect(service.ports.flatMap((port) => registry.endpointsOf(service, port))).toHaveLength(1);
  });
});

describe('order', () => {
  test('services come by age, then name, then namespace; Kubernetes objects without a date first', () => {
    const service = (name: string, namespace: string, created = ''): string => `
---
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: ${namespace}${created && `, creationTimestamp: "${created}"`}}
spec: {clusterIP: None, ports: [{port: 80}]}
`;
    const registry = registryOf(
      `${service('young', 'a', '2025-01-01T00:00:00Z')}${service('b', 'b')}${service('b', 'a')}${service('a', 'z')}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: e, namespace: a}
spec: {hosts: [e.example], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS}
`,
    );
    expect(registry.services.map(({ name, namespace }) => `${name}.${namespace}`)).toEqual([
      'a.z',
      'b.a',
      'b.b',
      'young.a',
      'e.example.a',
    ]);
  });
});
