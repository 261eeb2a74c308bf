import { describe, expect, test } from 'vitest';
import type { VirtualService } from '../../../../src/api/istio.gen.ts';
import {
  buildVirtualServices,
  destinationsOfVirtualService,
  type ImportedHosts,
  mostSpecificVirtualServices,
  ROUTE_SEMANTICS_ANNOTATION,
  selectVirtualServices,
} from '../../../../src/model/traffic/virtual-services.ts';
import { defaultRelease } from '../../../../src/releases/index.ts';
import type { Resource, ResourceOf } from '../../../../src/resource/resource.ts';
import type { SourceDocument } from '../../../../src/source/document.ts';
import { deepFreeze } from '../../../../src/util/object.ts';
import { originOf } from '../../../../src/util/origin.ts';

const { behaviours } = defaultRelease;

const document: SourceDocument = {
  file: 'virtual-services.yaml',
  index: 0,
  value: undefined,
  locate: () => ({ file: 'virtual-services.yaml', line: 1, column: 1 }),
};

function virtualService(
  name: string,
  spec: VirtualService,
  over: Partial<ResourceOf<'VirtualService'>> = {},
): ResourceOf<'VirtualService'> {
  return deepFreeze({
    kind: 'VirtualService',
    group: 'networking.istio.io',
    version: 'v1',
    namespace: 'shop',
    labels: {},
    annotations: {},
    document,
    name,
    spec,
    ...over,
  });
}

/** Without origins, as JSON prints it. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const build = (...resources: ResourceOf<'VirtualService'>[]) => buildVirtualServices(resources, {}, 'cluster.local');
const names = (resources: readonly Resource[]) => resources.map(({ namespace, name }) => `${namespace}/${name}`);
const only = (...resources: ResourceOf<'VirtualService'>[]): VirtualService => {
  const found = build(...resources).all.find((resource) => (resource.spec.hosts ?? []).length > 0);
  if (found === undefined) throw new Error('nothing left');
  return found.spec;
};

describe('short names', () => {
  test('a host without a dot belongs to the namespace of the resource', () => {
    const spec = only(
      virtualService('cart', {
        hosts: ['cart', 'cart.shop', '*', '2001:db8::1'],
        http: [
          {
            route: [{ destination: { host: 'cart' } }],
            mirror: { host: 'audit' },
            mirrors: [{ destination: { host: 'tap' } }],
          },
        ],
        tcp: [{ route: [{ destination: { host: 'store' } }] }],
        tls: [{ match: [{ sniHosts: ['cart'] }], route: [{ destination: { host: 'vault' } }] }],
      }),
    );
    expect(spec.hosts).toEqual(['cart.shop.svc.cluster.local', 'cart.shop', '*', '2001:db8::1']);
    expect(spec.http?.[0]?.route?.[0]?.destination?.host).toBe('cart.shop.svc.cluster.local');
    expect(spec.http?.[0]?.mirror?.host).toBe('audit.shop.svc.cluster.local');
    expect(spec.http?.[0]?.mirrors?.[0]?.destination?.host).toBe('tap.shop.svc.cluster.local');
    expect(spec.tcp?.[0]?.route?.[0]?.destination?.host).toBe('store.shop.svc.cluster.local');
    expect(spec.tls?.[0]?.route?.[0]?.destination?.host).toBe('vault.shop.svc.cluster.local');
    expect(spec.tls?.[0]?.match?.[0]?.sniHosts).toEqual(['cart']);
  });

  test('gateways become namespace/name, the old form with dots too', () => {
    const spec = only(
      virtualService('cart', {
        hosts: ['cart.example'],
        gateways: ['mesh', 'front', './side', 'edge/front', 'front.edge', 'front.edge.svc.cluster.local'],
        http: [{ match: [{ gateways: ['front', 'mesh'] }] }],
      }),
    );
    expect(spec.gateways).toEqual(['mesh', 'shop/front', 'shop/side', 'edge/front', 'edge/front', 'edge/front']);
    expect(spec.http?.[0]?.match?.[0]?.gateways).toEqual(['shop/front', 'mesh']);
  });

  test('a virtual service made from a Gateway API route stays as it is', () => {
    const annotations = { [ROUTE_SEMANTICS_ANNOTATION]: 'gateway' };
    const spec = only(virtualService('cart', { hosts: ['cart'], gateways: ['front'] }, { annotations }));
    expect(spec).toEqual({ hosts: ['cart'], gateways: ['front'] });
  });
});

describe('visibility', () => {
  const index = build(
    virtualService('everyone', { hosts: ['a.example'] }),
    virtualService('own', { hosts: ['b.example'], exportTo: ['.'] }),
    virtualService('named', { hosts: ['c.example'], exportTo: ['web'] }),
    virtualService('both', { hosts: ['d.example'], exportTo: ['.', 'shop', 'web'] }),
    virtualService('nobody', { hosts: ['e.example'], exportTo: ['~', 'web'] }),
  );

  test('private ones come first, then those exported by name, then public ones', () => {
    expect(names(index.forGateway('shop', 'mesh'))).toEqual(['shop/both', 'shop/own', 'shop/everyone']);
    expect(names(index.forGateway('web', 'mesh'))).toEqual(['shop/both', 'shop/named', 'shop/everyone']);
    expect(names(index.forGateway('other', 'mesh'))).toEqual(['shop/everyone']);
  });

  test('the mesh default counts only where a resource says nothing', () => {
    const config = { defaultVirtualServiceExportTo: ['.'] };
    const resources = [
      virtualService('default', { hosts: ['a.example'] }),
      virtualService('public', { hosts: ['b.example'], exportTo: ['*'] }),
    ];
    expect(names(buildVirtualServices(resources, config, 'cluster.local').forGateway('web', 'mesh'))).toEqual(['shop/public']);
  });

  test('a virtual service without gateways is for the mesh, others for those they name', () => {
    const bound = build(
      virtualService('edge', { hosts: ['a.example'], gateways: ['front'] }),
      virtualService('inside', { hosts: ['a.example'] }),
    );
    expect(names(bound.forGateway('web', 'shop/front'))).toEqual(['shop/edge']);
    expect(names(bound.forGateway('web', 'mesh'))).toEqual(['shop/inside']);
  });

  test('the oldest comes first, then the smaller name, then the smaller namespace', () => {
    const sorted = build(
      virtualService('b', { hosts: ['x'] }),
      virtualService('a', { hosts: ['x'] }, { namespace: 'z' }),
      virtualService('a', { hosts: ['x'] }),
      virtualService('old', { hosts: ['x'] }, { createdAt: 0 }),
    );
    expect(names(sorted.all)).toEqual(['shop/old', 'shop/a', 'z/a', 'shop/b']);
  });

  test("Gateway API routes of the client's namespace override public ones of others", () => {
    const annotations = { [ROUTE_SEMANTICS_ANNOTATION]: 'gateway' };
    const mixed = build(
      virtualService('a', { hosts: ['x.example'] }),
      virtualService('b', { hosts: ['x.example'], gateways: ['mesh'] }, { annotations, namespace: 'web' }),
    );
    expect(names(mixed.forGateway('web', 'mesh'))).toEqual(['web/b', 'shop/a']);
    expect(names(mixed.forGateway('shop', 'mesh'))).toEqual(['shop/a', 'web/b']);
  });
});

describe('delegates', () => {
  const delegate = virtualService(
    'detail',
    {
      http: [
        {
          name: 'read',
          match: [{ name: 'm', uri: { prefix: '/cart/items' }, headers: { x: { exact: '1' } } }],
          route: [{ destination: { host: 'items' } }],
          timeout: '3s',
        },
        { name: 'any', route: [{ destination: { host: 'cart' } }] },
        { name: 'elsewhere', match: [{ uri: { prefix: '/other' } }], route: [{ destination: { host: 'cart' } }] },
      ],
    },
    { namespace: 'team' },
  );
  const root = virtualService('root', {
    hosts: ['shop.example'],
    http: [
      {
        name: 'r',
        match: [
          { name: 'a', uri: { prefix: '/cart' }, port: 80 },
          { name: 'b', uri: { exact: '/cart' } },
        ],
        delegate: { name: 'detail', namespace: 'team' },
        timeout: '9s',
        retries: { attempts: 1 },
        headers: { request: { set: { a: 'b' } } },
      },
      { delegate: { name: 'missing' } },
      { route: [{ destination: { host: 'cart' } }] },
    ],
  });

  test("a delegate's rules stand in place of the root's rule, narrowed by its matches", () => {
    const http = only(delegate, root).http ?? [];
    expect(http.map((rule) => rule.name)).toEqual(['r-read', 'r-any', undefined]);
    expect(plain(http[0]?.match)).toEqual([
      {
        name: 'a-m',
        uri: { prefix: '/cart/items' },
        headers: { x: { exact: '1' } },
        withoutHeaders: {},
        queryParams: {},
        sourceLabels: {},
        port: 80,
      },
    ]);
    expect(plain(http[1]?.match)).toEqual(root.spec.http?.[0]?.match);
  });

  test("short names of a delegate are of the delegate's namespace", () => {
    expect(only(delegate, root).http?.[0]?.route?.[0]?.destination?.host).toBe('items.team.svc.cluster.local');
  });

  test('what the delegate leaves out comes from the root, what it has replaces it whole', () => {
    const [first, second] = only(delegate, root).http ?? [];
    expect(first?.timeout).toBe('3s');
    expect(second?.timeout).toBe('9s');
    expect(first?.retries).toEqual({ attempts: 1 });
    expect(first?.headers).toEqual({ request: { set: { a: 'b' } } });
  });

  test('a rule whose delegate is missing or not exported to the root is left out', () => {
    const hidden = { ...delegate, spec: { ...delegate.spec, exportTo: ['.'] } };
    expect(only(hidden, root).http).toHaveLength(1);
    const shown = { ...delegate, spec: { ...delegate.spec, exportTo: ['shop'] } };
    expect(only(shown, root).http).toHaveLength(3);
  });

  test('rules remember the resource and the field that they came from', () => {
    const http = only(delegate, root).http ?? [];
    expect(originOf(http[0])).toMatchObject({ resource: { name: 'detail' }, path: ['spec', 'http', 0] });
    expect(originOf(http[0]?.match?.[0])).toMatchObject({ resource: { name: 'detail' }, path: ['spec', 'http', 0, 'match', 0] });
    expect(originOf(http[1]?.match?.[1])).toMatchObject({ resource: { name: 'root' }, path: ['spec', 'http', 0, 'match', 1] });
    expect(originOf(http[2])).toMatchObject({ resource: { name: 'root' }, path: ['spec', 'http', 2] });
  });

  test.each([
    ['a regular expression against anything', { uri: { regex: '/a.*' } }, { uri: { prefix: '/ab' } }],
    ['a wider prefix', { uri: { prefix: '/a/b' } }, { uri: { prefix: '/a' } }],
    ['a prefix in an exact match', { uri: { exact: '/a' } }, { uri: { prefix: '/a' } }],
    ['another method', { method: { exact: 'GET' } }, { method: { exact: 'PUT' } }],
    ['another port', { port: 80 }, { port: 81 }],
    ['another case', { ignoreUriCase: true }, {}],
    ['another header value', { headers: { x: { exact: '1' } } }, { headers: { x: { exact: '2' } } }],
    ['a source namespace that only the root has', { sourceNamespace: 'web' }, {}],
    ['another label value', { sourceLabels: { app: 'a' } }, { sourceLabels: { app: 'b' } }],
    ['a gateway that the root does not have', { gateways: ['mesh'] }, { gateways: ['edge/front'] }],
  ])('%s conflicts', (_, rootMatch, leafMatch) => {
    const leaf = virtualService('leaf', { http: [{ match: [leafMatch] }] });
    const top = virtualService('top', { hosts: ['x'], http: [{ match: [rootMatch], delegate: { name: 'leaf' } }] });
    expect(only(leaf, top).http).toEqual([]);
  });
});

describe('selection for an egress listener', () => {
  const imports = (hosts: Readonly<Record<string, readonly string[]>>): ReadonlyMap<string, ImportedHosts> =>
    new Map(
      Object.entries(hosts).map(([namespace, all]) => [
        namespace,
        { all, exact: new Set(all.filter((host) => !host.startsWith('*'))) },
      ]),
    );
  const index = build(
    virtualService('exact', { hosts: ['cart.example'] }),
    virtualService('wide', { hosts: ['*.example'] }),
    virtualService('elsewhere', { hosts: ['cart.example'] }, { namespace: 'other' }),
  );

  test('a namespace import counts for resources of that namespace alone', () => {
    expect(names(selectVirtualServices(index, 'web', imports({ other: ['*'] }), behaviours))).toEqual(['other/elsewhere']);
  });

  test('a wildcard host is imported by an exact one that it overlaps with', () => {
    expect(names(selectVirtualServices(index, 'web', imports({ shop: ['cart.example'] }), behaviours))).toEqual([
      'shop/exact',
      'shop/wide',
    ]);
    expect(names(selectVirtualServices(index, 'web', imports({ '*': ['books.example'] }), behaviours))).toEqual(['shop/wide']);
  });

  test('the most specific host of all virtual services decides for a service', () => {
    const found = mostSpecificVirtualServices(index.forGateway('web', 'mesh'), ['cart.example', 'books.example', 'x.org']);
    expect([...found]).toEqual([
      ['cart.example', 'other/elsewhere'],
      ['books.example', 'shop/wide'],
    ]);
  });
});

test('destinations of rules for other source namespaces alone do not count', () => {
  const spec: VirtualService = {
    http: [
      { match: [{ sourceNamespace: 'web' }], route: [{ destination: { host: 'a' } }] },
      {
        match: [{ sourceNamespace: 'shop' }, {}],
        route: [{ destination: { host: 'b', port: { number: 80 } } }],
        mirror: { host: 'c' },
      },
    ],
    tcp: [{ route: [{ destination: { host: 'b' } }] }],
  };
  expect([...destinationsOfVirtualService(spec, 'shop')]).toEqual([
    ['b', new Set([80, 0])],
    ['c', new Set([0])],
  ]);
  expect([...destinationsOfVirtualService(spec, '').keys()]).toEqual(['a', 'b', 'c']);
});
