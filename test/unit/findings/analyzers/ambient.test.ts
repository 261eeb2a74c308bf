import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createNodeIo } from '../../../../src/cli/io.ts';
import { run } from '../../../../src/cli/main.ts';
import { namespace, waypoint as waypointOf, workload } from '../../../support/ambient-mesh.ts';
import { ambientArguments, casesIn, ambientCases as folder } from '../../../support/recorded-case.ts';

interface Finding {
  readonly code: string;
  readonly origin: string;
  readonly level: string;
  readonly message: string;
}

/** The findings of ambient mode; of manifests from standard input where a text is given. */
async function ambientFindings(args: readonly string[], text = ''): Promise<readonly Finding[]> {
  let printed = '';
  const io = {
    ...createNodeIo(),
    readStandardInput: () => text,
    err: () => {},
    out: (content: unknown) => {
      printed += String(content);
      return true;
    },
  };
  await run(['analyze', ...args, '-o', 'json'], io);
  const found = JSON.parse(printed) as Finding[];
  return found.filter(({ code }) => /^MESH23\d\d$/.test(code));
}

/** What istiod says of nothing: what is read of the mesh beside its conditions. */
const BESIDE = /^MESH23(?:09|1[0-4]|1[6-9]|20)$/;

/** The code that says what istiod would write as a condition. */
function codesOf({ type, reason, status }: Condition): string {
  if (reason === 'UnsupportedValue') return status ? 'MESH2303' : 'MESH2304';
  if (type === 'istio.io/WaypointMissing') return 'MESH2307';
  if (reason === 'AncestorNotBound') return 'MESH2305';
  if (reason === 'Invalid') return 'MESH2306';
  if (reason === 'UnsupportedProtocol') return 'MESH2315';
  if (type === 'ResolvedWaypoints') return 'MESH2308';
  return { WaypointIsNotReady: 'MESH2300', AttachmentDenied: 'MESH2301', UnsupportedTrafficType: 'MESH2302' }[reason] ?? '';
}

interface Condition {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly type: string;
  readonly reason: string;
  readonly status: boolean;
}

interface GatewayStatus {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly status: Readonly<Record<'listeners' | 'parents', readonly { readonly conditions?: readonly Written[] }[] | undefined>>;
}

interface Written {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
}

/** The conditions of the Gateway API that say what is wrong, although one of them is True. */
function gatewayConditions({ status, ...resource }: GatewayStatus): readonly Condition[] {
  return [...(status.listeners ?? []), ...(status.parents ?? [])].flatMap(({ conditions = [] }) =>
    conditions
      .filter(
        ({ type, reason, message }) =>
          reason === 'UnsupportedProtocol' || (type === 'ResolvedWaypoints' && message.startsWith('istio.io/use-waypoint label')),
      )
      .map((condition) => ({ ...resource, ...condition, status: false })),
  );
}

const accepted: readonly string[] = ['Accepted', 'WaypointAccepted'];

describe('findings foretell the conditions that istiod writes, and no others', () => {
  test.each(casesIn(folder))('%s', async (name) => {
    const read = (file: string): unknown[] => {
      const path = join(folder, name, 'expected', file);
      return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as unknown[]) : [];
    };
    const conditions = [
      ...(read('status.json') as Condition[]),
      ...(read('gateway-status.json') as GatewayStatus[]).flatMap(gatewayConditions),
    ];
    // A target that is not there is found in policies of all kinds, with or without ambient mode (MESH2223).
    const expected = conditions.filter(({ reason }) => !accepted.includes(reason) && reason !== 'PartiallyInvalid');
    const input = ambientArguments(join(folder, name));
    const found = (await ambientFindings(input))
      .filter(({ code, origin, message }) => {
        // It writes no conditions to Pods and Namespaces.
        if (/^(?:Pod|Namespace) /.test(origin)) return false;
        // istiod says nothing of VirtualServices, nor of other policies than AuthorizationPolicies, and overlooks the label `none`.
        if (code === 'MESH2308') return !origin.startsWith('VirtualService') && !message.includes('asks for none');
        return !BESIDE.test(code) && (code !== 'MESH2305' || origin.startsWith('AuthorizationPolicy'));
      })
      .map(({ code, origin }) => `${origin} ${code}`);
    expect([...new Set(found)].sort()).toEqual(
      expected.map((condition) => `${condition.kind} ${condition.namespace}/${condition.name} ${codesOf(condition)}`).sort(),
    );
    expect(await ambientFindings([...input, '--no-ambient'])).toEqual([]);
  });
});

const waypoint = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: waypoint, namespace: shop, labels: {istio.io/waypoint-for: workload}}
spec:
  gatewayClassName: istio-waypoint
  listeners: [{name: mesh, port: 15008, protocol: HBONE}]
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop, labels: {istio.io/use-waypoint: LABEL}}
spec: {clusterIP: 10.96.0.9, selector: {app: cart}, ports: [{name: http, port: 80}]}
`;

describe('waypoints that are asked for', () => {
  const asked = async (name: string) =>
    (await ambientFindings(['-f', '-'], waypoint.replace('LABEL', name))).map(({ message }) => message);

  test('a slip in the name is told with the name that is meant', async () => {
    expect(await asked('waypiont')).toEqual([
      'istio.io/use-waypoint: there is no waypoint shop/waypiont (did you mean "shop/waypoint"?); traffic goes past it, and routes and policies for HTTP do not apply',
    ]);
  });

  test('another kind of traffic is told with what the waypoint is for', async () => {
    expect(await asked('waypoint')).toEqual([
      'istio.io/use-waypoint: waypoint shop/waypoint is for workload (istio.io/waypoint-for), not for traffic to a service, which goes past it',
    ]);
  });

  test('none asks for none', async () => {
    expect(await asked('none')).toEqual([]);
  });
});

describe('waypoints that workloads, namespaces and gateways ask for', () => {
  const told = async (text: string) =>
    (await ambientFindings(['-f', '-'], text)).map(({ code, origin }) => `${origin.split(' ')[0]} ${code}`).sort();
  const deployment = (labels: string) => `
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  replicas: 3
  selector: {matchLabels: {app: cart}}
  template: {metadata: {labels: {app: cart${labels}}}, spec: {containers: [{name: app, image: cart:1}]}}`;
  const entry = (labels: string) => `
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: api, namespace: shop}
spec: {hosts: [api.example.com], ports: [{number: 80, name: http, protocol: HTTP}], resolution: STATIC, endpoints: [{address: 192.0.2.7, labels: {${labels}}}]}`;

  test('a label of a template is told once, whatever its replicas', async () => {
    const cart = deployment(', istio.io/use-waypoint: waypont');
    expect(await told(namespace('shop') + waypointOf('waypoint', 'shop', { ip: 9 }) + cart)).toEqual(['Pod MESH2300']);
  });

  test('a pod asks for a waypoint of services', async () => {
    const cart = deployment(', istio.io/use-waypoint: waypoint');
    expect(await told(namespace('shop') + waypointOf('waypoint', 'shop', { ip: 9 }) + cart)).toEqual(['Pod MESH2302']);
    expect(await told(namespace('shop') + waypointOf('waypoint', 'shop', { ip: 9, serves: 'all' }) + cart)).toEqual([]);
  });

  test('so is that of an endpoint in a ServiceEntry', async () => {
    const shop = namespace('shop') + waypointOf('waypoint', 'shop', { ip: 9, serves: 'workload' });
    expect(await told(shop + entry('istio.io/use-waypoint: waypont'))).toEqual(['ServiceEntry MESH2300']);
    expect(await told(shop + entry('istio.io/use-waypoint: waypoint'))).toEqual([]);
  });

  test('that of a namespace is told of the namespace where no service tells of it', async () => {
    const shop = namespace('shop', 'ambient', 'istio.io/use-waypoint: waypont');
    expect(await told(shop + deployment(''))).toEqual(['Namespace MESH2300']);
    expect(await told(shop + workload('tea', 'shop', { ip: 1 }))).toEqual(['Service MESH2300']);
  });

  test('gateways are asked to use a waypoint that is not there', async () => {
    const ingress = 'istio.io/ingress-use-waypoint: "true"';
    const tea = (labels: string) => workload('tea', 'shop', { ip: 1, serviceLabels: labels });
    expect(await told(namespace('shop') + tea(ingress))).toEqual(['Service MESH2320']);
    expect(await told(namespace('shop', 'ambient', ingress) + tea(''))).toEqual(['Namespace MESH2320']);
    const sound = namespace('shop', 'ambient', `${ingress}, istio.io/use-waypoint: waypoint`);
    expect(await told(sound + waypointOf('waypoint', 'shop', { ip: 9 }) + tea(''))).toEqual([]);
    expect(await told(namespace('shop') + tea('istio.io/ingress-use-waypoint: "yes"'))).toEqual(['Service MESH2320']);
    expect(await told(namespace('shop') + tea(`${ingress}, istio.io/use-waypoint: waypoint`))).toEqual(['Service MESH2300']);
  });
});

describe('policies', () => {
  const mesh = (mode: string, rest: string) => `
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {${mode}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template: {metadata: {labels: {app: cart}}, spec: {containers: [{name: app, image: cart:1}]}}
---
${rest}`;
  const policy = `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: readers, namespace: shop}
spec: {rules: [{to: [{operation: {methods: [GET]}}]}]}
`;

  test.each([
    [
      'nobody is refused where nothing is left of a clause',
      '{from: [{source: {namespaces: [web]}}], to: [{operation: {paths: [/admin]}}]}',
      'so that nobody is refused',
    ],
    [
      'more are refused where something is left of each',
      '{to: [{operation: {paths: [/admin], ports: ["8080"]}}]}',
      'more than is written',
    ],
  ])('of a DENY policy by path %s', async (_, rule, words) => {
    const denying = policy.replace(/spec:.*/, `spec: {action: DENY, rules: [${rule}]}`);
    const [found] = await ambientFindings(['-f', '-'], mesh('istio.io/dataplane-mode: ambient', denying));
    expect(found).toMatchObject({ code: 'MESH2303' });
    expect(found?.message).toContain(words);
  });

  test('an HTTP rule at pods in ambient mode is a warning that nobody is let in; at pods with a sidecar it is a hint', async () => {
    const [captured] = await ambientFindings(['-f', '-'], mesh('istio.io/dataplane-mode: ambient', policy));
    expect(captured).toMatchObject({ code: 'MESH2303', level: 'Warning' });
    expect(captured?.message).toContain('(methods): no rule is left, so that nobody is let in');
    const [other] = await ambientFindings(['-f', '-', '--ambient'], mesh('istio-injection: enabled', policy));
    expect(other).toMatchObject({ code: 'MESH2303', level: 'Info' });
  });

  test('a ServiceEntry with a strategy of connecting needs a waypoint', async () => {
    const entry = `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: api, namespace: shop, annotations: {istio.io/connect-strategy: race_first_tcp_connect}}
spec: {hosts: [api.example.com], ports: [{number: 443, name: tls, protocol: TLS}], resolution: DNS}
`;
    const found = await ambientFindings(['-f', '-', '--ambient'], entry);
    expect(found.map(({ code }) => code)).toEqual(['MESH2307']);
  });

  test('a ServiceEntry for a wildcard needs a waypoint; with DYNAMIC_DNS it is told that connections are closed without', async () => {
    const entry = (resolution: string): string => `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: api, namespace: shop}
spec: {hosts: ['*.example.com'], ports: [{number: 80, name: http, protocol: HTTP}], resolution: ${resolution}}
`;
    const [plain] = await ambientFindings(['-f', '-', '--ambient'], entry('NONE'));
    expect(plain?.message).toContain('has no effect on clients in ambient mode');
    const [closed] = await ambientFindings(['-f', '-', '--ambient'], entry('DYNAMIC_DNS'));
    expect(closed?.message).toContain('connections of clients in ambient mode to names under it are closed');
  });
});
