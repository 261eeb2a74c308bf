import { describe, expect, test } from 'vitest';
import type { Diagnostic } from '../../../src/diagnostics/diagnostic.ts';
import { defaultRelease } from '../../../src/releases/index.ts';
import { completeResources } from '../../../src/resource/complete.ts';
import { decodeDocuments } from '../../../src/resource/decode.ts';
import { resourcesOf } from '../../../src/resource/select.ts';
import { expandLists } from '../../../src/source/lists.ts';
import { parseText } from '../../../src/source/parse.ts';

function decode(text: string, namespace = 'default') {
  const diagnostics: Diagnostic[] = [];
  const report = (diagnostic: Diagnostic): void => void diagnostics.push(diagnostic);
  const decoded = decodeDocuments(expandLists(parseText('m.yaml', text, report)), { release: defaultRelease, namespace }, report);
  return {
    decoded,
    resources: completeResources(decoded, report),
    messages: diagnostics.map(({ code, message, location }) => `${location?.line}:${location?.column} ${code} ${message}`),
    diagnostics,
  };
}

describe('decoding', () => {
  test('a resource that names no namespace is in that of the command, a cluster-wide one in none', () => {
    const { decoded } = decode(
      'apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {}\n---\napiVersion: v1\nkind: Node\nmetadata: {name: node, namespace: x}\n',
      'shop',
    );
    expect(decoded.map(({ name, namespace }) => [name, namespace])).toEqual([
      ['a', 'shop'],
      ['node', ''],
    ]);
  });

  test('kinds that mesh does not know are passed over, also when they share a name with one', () => {
    const { decoded, messages } = decode(
      'apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: a}\n---\napiVersion: batch/v1\nkind: CronJob\nmetadata: {name: b}\n',
    );
    expect([decoded, messages]).toEqual([[], []]);
  });

  test('kinds of the Gateway API that istiod does not read by default are passed over with a word', () => {
    expect(
      decode('apiVersion: gateway.networking.x-k8s.io/v1alpha1\nkind: XBackendTrafficPolicy\nmetadata: {name: a}\n').messages,
    ).toEqual([
      '2:7 MESH1215 XBackendTrafficPolicy (gateway.networking.x-k8s.io) is passed over: istiod does not read it by default',
    ]);
  });

  test('what is no Kubernetes object is passed over with a warning', () => {
    expect(decode('[1, 2]\n---\nreplicas: 3\n---\nkind: Service\n').messages).toEqual([
      '1:1 MESH0005 not a Kubernetes object (it is a list), passed over',
      '3:1 MESH0005 not a Kubernetes object (it has no kind), passed over',
      '5:1 MESH0005 not a Kubernetes object (it has no apiVersion), passed over',
    ]);
  });

  test('a version that is not served is passed over with a warning', () => {
    expect(decode('apiVersion: networking.istio.io/v2\nkind: Gateway\nmetadata: {name: g}\n').messages).toEqual([
      '1:13 MESH0009 Gateway is not served as networking.istio.io/v2 (but as v1, v1beta1, v1alpha3), passed over',
    ]);
  });

  test('labels and annotations must be texts', () => {
    expect(
      decode('apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  labels:\n    version: 1\n    on: x\n    empty:\n').messages,
    ).toEqual(['6:14 MESH0007 metadata.labels.version must be a text, not the number 1']);
  });

  test.each([
    [
      'networking.istio.io/v1',
      'ServiceEntry',
      'hosts: [a.b]\n  resolution: 7',
      '6:15 MESH0101 spec.resolution: 7 is not one of NONE, STATIC',
    ],
    [
      'networking.istio.io/v1',
      'ServiceEntry',
      'hosts: [a.b]\n  location: -1',
      '6:13 MESH0101 spec.location: -1 is not one of MESH_EXTERNAL',
    ],
    [
      'security.istio.io/v1',
      'PeerAuthentication',
      'mtls:\n    mode: 7',
      '6:11 MESH0101 spec.mtls.mode: 7 is not one of UNSET, DISABLE',
    ],
    [
      'security.istio.io/v1',
      'PeerAuthentication',
      'portLevelMtls: {80: {mode: 9}}',
      '5:30 MESH0101 spec.portLevelMtls["80"].mode: 9 is not one of UNSET, DISABLE',
    ],
    [
      'networking.istio.io/v1alpha3',
      'EnvoyFilter',
      'configPatches: [{applyTo: CLUSTER, patch: {operation: 9, value: {}}}]',
      '5:57 MESH0101 spec.configPatches[0].patch.operation: 9 is not one of INVALID, MERGE',
    ],
    [
      'networking.istio.io/v1',
      'DestinationRule',
      'host: a\n  trafficPolicy: {proxyProtocol: {version: 2}}',
      '6:44 MESH0101 spec.trafficPolicy.proxyProtocol.version: 2 is not one of V1, V2',
    ],
    [
      'networking.istio.io/v1',
      'Gateway',
      'servers: [{tls: {mode: toString}}]',
      '5:26 MESH0101 spec.servers[0].tls.mode: "toString" is not one of',
    ],
  ])('a value that an enum of %s %s does not have costs the resource: %s', (apiVersion, kind, spec, message) => {
    const { decoded, messages } = decode(`apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: x}\nspec:\n  ${spec}\n`);
    expect(messages).toEqual([expect.stringContaining(message)]);
    expect(decoded).toEqual([]);
  });

  test('a number that has a name is that name', () => {
    const { decoded, messages } = decode(
      'apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: x}\nspec: {mtls: {mode: 3}}\n',
    );
    expect(messages).toEqual([]);
    expect(decoded[0]?.spec).toEqual({ mtls: { mode: 'STRICT' } });
  });

  test.each([
    ['v1', 'Service', 'type: Foo', 'spec.type'],
    ['v1', 'Service', 'sessionAffinity: Foo', 'spec.sessionAffinity'],
    ['v1', 'Service', 'internalTrafficPolicy: Foo', 'spec.internalTrafficPolicy'],
    ['v1', 'Service', 'ports: [{port: 80, protocol: toString}]', 'spec.ports[0].protocol'],
    ['gateway.networking.k8s.io/v1', 'HTTPRoute', 'rules: [{matches: [{method: get}]}]', 'spec.rules[0].matches[0].method'],
    ['gateway.networking.k8s.io/v1', 'HTTPRoute', 'rules: [{filters: [{type: constructor}]}]', 'spec.rules[0].filters[0].type'],
  ])('a word that is none of those that %s %s knows is reported: %s', (apiVersion, kind, spec, field) => {
    const { messages } = decode(`apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: x}\nspec: {${spec}}\n`);
    expect(messages).toEqual([expect.stringMatching(new RegExp(`MESH\\d+ ${field.replaceAll(/[[\]]/g, '\\$&')} .*must be`))]);
  });

  test('a name is needed', () => {
    expect(decode('apiVersion: v1\nkind: Pod\nmetadata: {labels: {}}\n').messages).toEqual([
      '3:1 MESH0006 metadata.name is missing',
    ]);
    expect(decode('apiVersion: v1\nkind: Pod\nmetadata: {name: 7}\n').messages).toEqual([
      '3:18 MESH0007 metadata.name must be a text, not the number 7',
    ]);
  });

  test('a field of a wrong type costs the resource', () => {
    const { decoded, messages } = decode(
      'apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec:\n  ports:\n  - {port: "80"}\n  - name: x\n',
    );
    expect(decoded).toEqual([]);
    expect(messages).toEqual([
      '6:12 MESH0007 spec.ports[0].port must be a whole number, not the text "80"',
      '7:5 MESH0014 spec.ports[1].port is missing',
    ]);
  });

  test('an unknown field of an Istio resource is an error with the nearest name', () => {
    const text = 'apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: a}\nspec:\n  hots: [a]\n';
    expect(decode(text).messages).toEqual(['5:3 MESH0012 unknown field "hots" (did you mean "hosts"?)']);
  });

  test('creation times are read, and what is none is refused', () => {
    const pod = (time: string) => decode(`apiVersion: v1\nkind: Pod\nmetadata: {name: a, creationTimestamp: ${time}}\n`);
    expect(pod('2026-02-03T04:05:06Z').decoded[0]?.createdAt).toBe(Date.UTC(2026, 1, 3, 4, 5, 6));
    expect(pod('null').decoded[0]).not.toHaveProperty('createdAt');
    expect(pod('yesterday').messages[0]).toContain('MESH0011 metadata.creationTimestamp is the text "yesterday"');
  });

  test('one object that stands twice is reported where it stands for the second time', () => {
    const gateway = (version: string, extra = '') =>
      `apiVersion: networking.istio.io/${version}\nkind: Gateway\nmetadata: {name: g${extra}}\n`;
    const { resources, diagnostics } = decode(`${gateway('v1')}---\n${gateway('v1beta1', ', namespace: default')}`);
    expect(resources).toHaveLength(1);
    expect(diagnostics).toMatchObject([
      {
        code: 'MESH0008',
        message: 'defined twice, first at m.yaml:3',
        location: { line: 7 },
        resource: { kind: 'Gateway', name: 'g', namespace: 'default' },
        related: [{ location: { line: 3 } }],
      },
    ]);
  });

  test('objects of one name in different groups are different', () => {
    const text =
      'apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: g}\n---\napiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: g}\nspec: {gatewayClassName: other, listeners: []}\n';
    expect(decode(text).resources).toHaveLength(2);
  });

  test('the status of a ServiceEntry is checked like that of a Pod', () => {
    const text = (status: string): string =>
      `apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: a}\nspec: {hosts: [a.example]}\nstatus: ${status}\n`;
    expect(decode(text('{addresses: 5}')).messages).toEqual(['5:21 MESH0007 status.addresses must be a list, not the number 5']);
    expect(decode(text('{addresses: [{host: a.example, value: 240.240.0.1}], other: 5}')).messages).toEqual([]);
  });

  test('the key __proto__ of a map is kept and changes nothing', () => {
    const { decoded } = decode('apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  __proto__: x\n  other:\n');
    const [first] = resourcesOf(decoded, 'ConfigMap');
    expect(Object.entries(first?.spec.data ?? {})).toEqual([
      ['__proto__', 'x'],
      ['other', ''],
    ]);
  });
});

describe('what the API server fills in', () => {
  test('ports of a Service', () => {
    const { decoded } = decode(
      'apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec:\n  selector:\n  ports: [{port: 80}, {name: b, port: 81, targetPort: web, protocol: UDP}]\n',
    );
    expect(decoded[0]?.spec).toEqual({
      type: 'ClusterIP',
      ports: [
        { port: 80, protocol: 'TCP', targetPort: 80 },
        { name: 'b', port: 81, protocol: 'UDP', targetPort: 'web' },
      ],
    });
  });

  test('the label of a Namespace with its name', () => {
    expect(decode('apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {a: b}}\n').decoded[0]?.labels).toEqual({
      a: 'b',
      'kubernetes.io/metadata.name': 'shop',
    });
  });

  test('defaults of an HTTPRoute', () => {
    const { decoded } = decode(
      'apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: r}\nspec:\n  parentRefs: [{name: g}]\n  rules:\n  - backendRefs: [{name: a, port: 80}]\n  - matches: [{path: {value: /x}}, {headers: [{name: h, value: v}]}]\n    filters: [{type: RequestRedirect, requestRedirect: {hostname: h}}]\n',
    );
    const everything = { type: 'PathPrefix', value: '/' };
    expect(decoded[0]?.spec).toEqual({
      parentRefs: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'g' }],
      rules: [
        { matches: [{ path: everything }], backendRefs: [{ group: '', kind: 'Service', name: 'a', port: 80, weight: 1 }] },
        {
          matches: [
            { path: { type: 'PathPrefix', value: '/x' } },
            { path: everything, headers: [{ type: 'Exact', name: 'h', value: 'v' }] },
          ],
          filters: [{ type: 'RequestRedirect', requestRedirect: { hostname: 'h', statusCode: 302 } }],
        },
      ],
    });
    expect(decode('apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: r}\n').decoded[0]?.spec).toEqual({
      rules: [{ matches: [{ path: everything }] }],
    });
  });

  test('defaults of a Gateway', () => {
    const { decoded } = decode(
      'apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: g}\nspec:\n  gatewayClassName: istio\n  listeners: [{name: l, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: c}]}}]\n',
    );
    expect(decoded[0]?.spec).toHaveProperty('listeners', [
      {
        name: 'l',
        port: 443,
        protocol: 'HTTPS',
        tls: { mode: 'Terminate', certificateRefs: [{ group: '', kind: 'Secret', name: 'c' }] },
        allowedRoutes: { namespaces: { from: 'Same' } },
      },
    ]);
  });
});
