import { describe, expect, test } from 'vitest';
import { diffOf, type Files } from '../../../support/diff.ts';

const READY = 'phase: Running, conditions: [{type: Ready, status: "True"}]';

function namespace(labels = 'istio.io/dataplane-mode: ambient'): string {
  return `apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {${labels}}}
---
`;
}

/** A pod with its addresses. */
function pod(workload: string, name: string, ips: string, spec = ''): string {
  const all = ips.split(', ').map((ip) => `{ip: "${ip}"}`);
  return `apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: shop, labels: {app: ${workload}, service.istio.io/workload-name: ${workload}}}
spec: {nodeName: n1, serviceAccountName: ${workload}, ${spec} containers: [{name: c, image: i, ports: [{containerPort: 8080}]}]}
status: {${READY}, podIP: ${ips.split(', ')[0]}, podIPs: [${all.join(', ')}]}
---
`;
}

function service(fields: string, selector = 'server'): string {
  return `apiVersion: v1
kind: Service
metadata: {name: server, namespace: shop}
spec: {selector: {app: ${selector}}, ports: [{name: http, port: 80, targetPort: 8080}], ${fields}}
---
`;
}

function policy(spec: string): string {
  return `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: server, namespace: shop}
spec: {selector: {matchLabels: {app: server}}, ${spec}}
---
`;
}

/** What of requests changes between two meshes, and of how many classes of them the others are proven. */
async function between(before: string, after: string, ...flags: readonly string[]): Promise<readonly string[]> {
  const files = (text: string): Files => ({ 'mesh.yaml': text });
  return (await diffOf(files(before), files(after), flags)).requests;
}

const BUYER = pod('buyer', 'buyer', '10.244.0.1, fd00::1');
const SERVER = pod('server', 'server-0', '10.244.0.3, fd00::3');

const FROM_BUYER = 'from: [{source: {principals: [cluster.local/ns/shop/sa/buyer]}}]';

function deniedAt(ip: string): string {
  return policy(`action: DENY, rules: [{${FROM_BUYER}, when: [{key: destination.ip, values: ["${ip}"]}]}]`);
}

describe('mesh diff asks what ztunnel stands before for the addresses of pods', () => {
  const mesh = namespace() + BUYER + SERVER;

  test('where a policy changes for those that no Service leads to', async () => {
    expect(await between(mesh, mesh + policy(`action: DENY, rules: [{${FROM_BUYER}}]`))).toContainEqual(
      expect.stringMatching(/shop\/buyer: GET http:\/\/10\.244\.0\.3:8080\/.*: status 200 -> no answer/),
    );
    expect(
      await between(mesh, mesh + policy(`action: DENY, rules: [{${FROM_BUYER}, to: [{operation: {ports: ["9999"]}}]}]`)),
    ).toEqual(['shop/buyer: GET http://10.244.0.3:9999/: policy none -> shop/server denies it (rule 1)']);
  });

  test('in both families', async () => {
    expect(await between(mesh, mesh + deniedAt('fd00::3'))).toContainEqual(
      expect.stringMatching(/^shop\/buyer: GET http:\/\/\[fd00::3\]:8080\/: status 200 -> no answer/),
    );
    expect(await between(mesh, mesh + deniedAt('fd00::9'))).toEqual([]);
  });

  test('of each replica that a policy tells from the others', async () => {
    const replicas = mesh + pod('server', 'server-1', '10.244.0.4');
    expect(await between(replicas, replicas + deniedAt('10.244.0.4'))).toContainEqual(
      expect.stringMatching(/GET http:\/\/10\.244\.0\.4:8080\/.*: status 200 -> no answer/),
    );
    expect(await between(replicas, replicas + deniedAt('10.244.0.9'))).toEqual([]);
  });
});

describe('mesh diff asks what ztunnel stands before for the addresses of Services', () => {
  const both =
    "clusterIP: 10.96.0.3, clusterIPs: [10.96.0.3, 'fd00:96::3'], ipFamilyPolicy: RequireDualStack, ipFamilies: [IPv4, IPv6]";
  const mesh = (fields: string, ip = '10.244.0.3, fd00::3'): string =>
    namespace() + BUYER + pod('server', 'server-0', ip) + service(fields);

  test('in both families, where one of them is lost', async () => {
    const lost = await between(mesh(both), mesh('clusterIP: 10.96.0.3'));
    expect(lost).toEqual(['shop/buyer, shop/server, a pod without sidecar: GET http://server.shop/: status 200 -> no answer']);
    expect(await between(mesh(both), mesh(both))).toEqual([]);
  });

  test('from each locality, where the Service prefers those near its client', async () => {
    const at = (zone: string): string =>
      `apiVersion: v1\nkind: Node\nmetadata: {name: n-${zone}, labels: {topology.kubernetes.io/region: r, topology.kubernetes.io/zone: ${zone}}}\n---\n`;
    const on = (workload: string, name: string, ip: string, zone: string): string =>
      pod(workload, name, ip).replace('nodeName: n1', `nodeName: n-${zone}`);
    const near = (fields: string): string =>
      [
        ...[namespace(), at('a'), at('b')],
        ...[on('buyer', 'buyer-0', '10.244.0.1', 'a'), on('buyer', 'buyer-1', '10.244.0.2', 'b')],
        ...[on('server', 'server-0', '10.244.0.3', 'a'), on('server', 'server-1', '10.244.0.4', 'b')],
        service(`clusterIP: 10.96.0.3${fields}`),
      ].join('');
    const pods = (await between(near(''), near(', trafficDistribution: PreferClose'))).filter((line) => line.includes('pods'));
    expect(pods.map((line) => line.replace(/.*pods /, ''))).toEqual([
      'shop/server-0 50%, shop/server-1 50% -> shop/server-0',
      'shop/server-0 50%, shop/server-1 50% -> shop/server-1',
    ]);
    expect(await between(near(''), near(', publishNotReadyAddresses: false'))).toEqual([]);
  });
});

describe('mesh diff asks pods without a proxy for the addresses of Services', () => {
  const bare = (fields: string, selector: string): string =>
    [
      namespace('a: b'),
      pod('buyer', 'buyer', '10.244.0.1').replace('labels: {', 'labels: {sidecar.istio.io/inject: "false", '),
      pod('server', 'server-0', '10.244.0.3').replace('labels: {', 'labels: {sidecar.istio.io/inject: "false", '),
      pod('other', 'other-0', '10.244.0.4').replace('labels: {', 'labels: {sidecar.istio.io/inject: "false", '),
      service(fields, selector),
    ].join('');

  test('that nodes lead to other pods', async () => {
    expect(await between(bare('clusterIP: 10.96.0.3', 'server'), bare('clusterIP: 10.96.0.3', 'other'))).toEqual([
      'a pod without sidecar: GET http://server.shop/: pods shop/server-0 -> shop/other-0',
    ]);
    expect(
      await between(
        bare('clusterIP: 10.96.0.3', 'server'),
        `${bare('clusterIP: 10.96.0.3', 'server')}apiVersion: v1
kind: ConfigMap
metadata: {name: note, namespace: shop}
`,
      ),
    ).toEqual([]);
  });

  test('beside requests of sidecars that end otherwise', async () => {
    const meshed = (version: string, prefix: string): string =>
      bare('clusterIP: 10.96.0.3', version) +
      pod('web', 'web-0', '10.244.0.5').replace('labels: {', 'labels: {sidecar.istio.io/inject: "true", ') +
      `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: far, namespace: shop}
spec: {hosts: [server], http: [{match: [{uri: {prefix: ${prefix}}}], fault: {abort: {httpStatus: 418, percentage: {value: 100}}}}, {route: [{destination: {host: server}}]}]}
`;
    const lines = await between(meshed('server', '/a'), meshed('other', '/b'));
    expect(lines).toContain('a pod without sidecar: GET http://server.shop/: pods shop/server-0 -> shop/other-0');
    expect(lines.filter((line) => line.startsWith('shop/web: ')).length).toBeGreaterThan(0);
    const sameService = await between(meshed('server', '/a'), meshed('server', '/b'));
    expect(sameService.filter((line) => line.includes('a pod without sidecar'))).toEqual([]);
  });

  test('but not of those of a waypoint that comes, which nobody else is told of, unless somebody writes other ports', async () => {
    const policed = (path: string): string =>
      bare('clusterIP: 10.96.0.3', 'server').replaceAll('inject: "false"', 'inject: "true"') +
      policy(`action: DENY, rules: [{to: [{operation: {paths: [${path}]}}]}]`);
    const waypoint = `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: waypoint, namespace: shop}
spec: {gatewayClassName: istio-waypoint, listeners: [{name: mesh, port: 15008, protocol: HBONE}]}
---
`;
    const lines = await between(policed('/a'), policed('/b') + waypoint);
    expect(lines).not.toEqual([]);
    expect(lines.filter((line) => line.includes('waypoint'))).toEqual([]);
    const written = service('clusterIP: 10.96.0.5').replace(
      'name: server',
      'name: waypoint, labels: {gateway.istio.io/managed: istio.io-mesh-controller}',
    );
    expect(await between(policed('/a'), policed('/b') + written)).toContainEqual(
      expect.stringMatching(/a pod without sidecar: GET http:\/\/waypoint\.shop\/: status no answer -> 200/),
    );
    const another = service('clusterIP: 10.96.0.4').replace('name: server', 'name: another');
    expect(await between(policed('/a'), policed('/b') + another)).toContainEqual(
      expect.stringMatching(/a pod without sidecar: GET http:\/\/another\.shop\/: status no answer -> 200/),
    );
  });

  test('from outside of the cluster, too', async () => {
    const external = 'clusterIP: 10.96.0.3, externalIPs: [198.18.0.5]';
    expect(await between(bare(external, 'server'), bare('clusterIP: 10.96.0.3', 'server'))).not.toEqual([]);
  });
});

describe('mesh diff asks sidecars for the addresses of Services that are hidden from them', () => {
  const SERVED = 'clusterIP: 10.96.0.3';
  const bare = (name: string, ip: string): string =>
    pod(name, name, ip).replace('labels: {', 'labels: {sidecar.istio.io/inject: "false", ');
  const hiding = (traffic = ''): string => `apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: default, namespace: shop}
spec: {egress: [{hosts: [other/*]}]${traffic}}
---
`;
  const mesh = (selector: string, hidden: string, fields = SERVED): string =>
    [
      ...[namespace('istio-injection: enabled'), hidden, pod('buyer', 'buyer', '10.244.0.1')],
      ...[bare('server', '10.244.0.3'), bare('other', '10.244.0.4'), service(fields, selector)],
    ].join('');
  const moved = 'GET http://server.shop/: pods shop/server -> shop/other';

  test('by a Sidecar, where nodes lead them to other pods', async () => {
    const found = await between(mesh('server', hiding()), mesh('other', hiding()));
    expect(found).toEqual([`a pod without sidecar, shop/buyer: ${moved}`]);
  });

  test('by an exportTo', async () => {
    const unseen = (selector: string): string =>
      mesh(selector, '').replace(
        '{name: server, namespace: shop}',
        '{name: server, namespace: shop, annotations: {networking.istio.io/exportTo: "~"}}',
      );
    const found = await between(unseen('server'), unseen('other'));
    expect(found).toEqual([`a pod without sidecar, shop/buyer: ${moved}`]);
  });

  test('not where they let nothing pass that they do not know', async () => {
    const closed = hiding(', outboundTrafficPolicy: {mode: REGISTRY_ONLY}');
    const found = await between(mesh('server', closed), mesh('other', closed));
    expect(found).toEqual([`a pod without sidecar: ${moved}`]);
  });

  test('not where nodes lead them to where they did', async () => {
    const note = `apiVersion: v1
kind: ConfigMap
metadata: {name: note, namespace: shop}
`;
    expect(await between(mesh('server', hiding()), mesh('server', hiding()) + note)).toEqual([]);
  });
});
