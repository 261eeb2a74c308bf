import { describe, expect, test } from 'vitest';
import { diffOf, type Files } from '../../../support/diff.ts';
import { shopOf } from '../../../support/diff-shop.ts';

const shop = shopOf(['web', 'client']);

interface PolicyOptions {
  readonly name?: string;
  readonly kind?: string;
  readonly apiVersion?: string;
}

const policy = (
  spec: string,
  { name = 'p', kind = 'NetworkPolicy', apiVersion = 'networking.k8s.io/v1' }: PolicyOptions = {},
) => ({
  [`${name}.yaml`]: `
apiVersion: ${apiVersion}
kind: ${kind}
metadata: {name: ${name}, namespace: shop}
spec: {${spec}}
`,
});

const toWeb = (rules: string): string => `podSelector: {matchLabels: {app: web}}, ${rules}`;
const fromClient = toWeb('ingress: [{from: [{podSelector: {matchLabels: {app: client}}}], ports: [{port: 8080}]}]');

const CLIENT = '{podSelector: {matchLabels: {app: client}}}';
const BLOCK = '{ipBlock: {cidr: 10.0.0.0/8}}';

interface NetworkDoubt {
  readonly from: { readonly kind: string; readonly workload?: string };
  readonly to: string;
  readonly policy?: string;
  readonly is?: string;
}

/** The exit status of `--equal`, and what is not proven: whose requests to whom, and because of which policy. */
async function equal(before: Files, after: Files) {
  const { exitCode, requests, report } = await diffOf({ ...shop, ...before }, { ...shop, ...after }, ['--equal']);
  const { proof } = report.requests as { readonly proof?: { readonly doubts: readonly NetworkDoubt[] } };
  expect(requests).toEqual([]);
  const doubts = (proof?.doubts ?? []).map(
    ({ from, to, policy: name, is }) => `${from.workload ?? from.kind} -> ${to}: ${name} ${is}`,
  );
  return { exitCode, doubts };
}

const unproven = (...doubts: string[]) => ({ exitCode: 1, doubts });
const proven = { exitCode: 0, doubts: [] };

describe('a NetworkPolicy, which is not simulated,', () => {
  test('that comes, goes or says something else is not proven to make no difference', async () => {
    const p = policy(fromClient);
    expect(await equal({}, p)).toEqual(unproven('anybody -> shop/web: NetworkPolicy shop/p added'));
    expect(await equal(p, {})).toEqual(unproven('anybody -> shop/web: NetworkPolicy shop/p removed'));
    const other = policy(fromClient.replace('8080', '8081'));
    expect(await equal(p, other)).toEqual(unproven('anybody -> shop/web: NetworkPolicy shop/p changed'));
  });

  test('is told of both directions that it is about', async () => {
    expect(await equal({}, policy('podSelector: {}, policyTypes: [Ingress, Egress]'))).toEqual(
      unproven('anybody -> namespace shop: NetworkPolicy shop/p added', 'namespace shop -> anywhere: NetworkPolicy shop/p added'),
    );
    expect(await equal({}, policy(toWeb('policyTypes: [Egress]')))).toEqual(
      unproven('shop/web -> anywhere: NetworkPolicy shop/p added'),
    );
  });

  test('counts where it is about pods that no manifest has', async () => {
    expect(await equal({}, policy('podSelector: {matchLabels: {app: elsewhere}}'))).toEqual(
      unproven('anybody -> namespace shop: NetworkPolicy shop/p added'),
    );
  });

  test('that stays is about other pods where labels change', async () => {
    const p = policy(toWeb('ingress: [{from: [{podSelector: {matchLabels: {team: a}}}]}]'));
    const labelled = {
      'shop.yaml': (shop['shop.yaml'] ?? '').replace('labels: {app: client}}', 'labels: {app: client, team: a}}'),
    };
    expect((await equal(p, { ...labelled, ...p })).doubts).toEqual(['anybody -> shop/web: NetworkPolicy shop/p about others']);
    expect((await equal({}, labelled)).doubts).toEqual([]);
  });

  test('that stays means another port where a container names another so', async () => {
    const p = policy(toWeb('ingress: [{ports: [{port: web}]}]'));
    const named = (first: string, second: string): Files => ({
      'shop.yaml': (shop['shop.yaml'] ?? '').replaceAll(
        'ports: [{containerPort: 8080}]',
        `ports: [{containerPort: 8080, name: ${first}}, {containerPort: 9000, name: ${second}}]`,
      ),
    });
    const { doubts } = await equal({ ...named('web', 'other'), ...p }, { ...named('other', 'web'), ...p });
    expect(doubts).toContain('anybody -> shop/web: NetworkPolicy shop/p about others');
  });

  test.each([
    ['of another name', policy(fromClient), policy(fromClient, { name: 'other' })],
    [
      'written otherwise',
      policy(fromClient),
      policy(
        'policyTypes: [Ingress], podSelector: {matchExpressions: [{key: app, operator: In, values: [web]}]}, ingress: [{ports: [{port: 8080, protocol: TCP}], from: [{podSelector: {matchLabels: {app: client}}}]}]',
      ),
    ],
    ['with rules in another order', ...inOrders()],
    [
      'with a rule for each peer and port',
      policy(toWeb(`ingress: [{from: [${CLIENT}, ${BLOCK}], ports: [{port: 1}, {port: 2}]}]`)),
      policy(
        toWeb(
          `ingress: [{from: [${CLIENT}], ports: [{port: 2}]}, {from: [${BLOCK}], ports: [{port: 1}, {port: 2}]}, {from: [${CLIENT}], ports: [{port: 1}]}]`,
        ),
      ),
    ],
    [
      'that is two now',
      policy(toWeb(`policyTypes: [Ingress, Egress], ingress: [{from: [${CLIENT}]}, {from: [${BLOCK}]}]`)),
      {
        ...policy(toWeb(`policyTypes: [Ingress, Egress], ingress: [{from: [${CLIENT}]}]`)),
        ...policy(toWeb(`ingress: [{from: [${BLOCK}]}]`), { name: 'q' }),
      },
    ],
    [
      'of which another lets through all',
      policy(toWeb('ingress: [{}]')),
      { ...policy(toWeb('ingress: [{}]')), ...policy(toWeb(`ingress: [{from: [${BLOCK}]}]`), { name: 'q' }) },
    ],
    [
      'that selects the same pods by other labels',
      policy(toWeb(`ingress: [{from: [${CLIENT}]}]`)),
      policy(
        'podSelector: {matchExpressions: [{key: app, operator: In, values: [web, www]}]}, ingress: [{from: [{podSelector: {matchExpressions: [{key: app, operator: NotIn, values: [web]}]}}]}]',
      ),
    ],
    [
      'that says of a port where its range ends',
      policy(toWeb('ingress: [{ports: [{port: 1}]}]')),
      policy(toWeb('ingress: [{ports: [{port: 1, endPort: 1}]}]')),
    ],
    [
      'of others that says other things to people',
      policy('endpointSelector: {}', { kind: 'CiliumNetworkPolicy', apiVersion: 'cilium.io/v2' }),
      policy('endpointSelector: {}, description: All.', { kind: 'CiliumNetworkPolicy', apiVersion: 'cilium.io/v2' }),
    ],
    [
      'that none names, of parts of others',
      {},
      policy('nets: [10.0.0.0/8]', { kind: 'NetworkSet', apiVersion: 'projectcalico.org/v3' }),
    ],
    ['that is staged', {}, policy('selector: all()', { kind: 'StagedNetworkPolicy', apiVersion: 'projectcalico.org/v3' })],
    ['of a kind that only monitors', {}, policy('selector: {}', { kind: 'NetworkPolicy', apiVersion: 'example.com/v1' })],
  ])('is proven to make no difference: one %s', async (_, before, after) => {
    expect(await equal(before, after)).toEqual(proven);
  });

  test.each([
    ['cilium.io/v2', 'CiliumNetworkPolicy', 'endpointSelector: {matchLabels: {"k8s:app": web}}', 'shop/web', 'shop/p'],
    ['projectcalico.org/v3', 'NetworkPolicy', 'selector: app == "web"', 'namespace shop', 'shop/p'],
    ['projectcalico.org/v3', 'GlobalNetworkPolicy', 'selector: all()', 'the cluster', 'p'],
    ['policy.networking.k8s.io/v1alpha1', 'AdminNetworkPolicy', 'subject: {namespaces: {}}', 'shop/client, shop/web', 'p'],
  ])('of others counts, too: %s %s', async (apiVersion, kind, spec, place, name) => {
    const { exitCode, doubts } = await equal({}, policy(spec, { apiVersion, kind }));
    expect(exitCode).toBe(1);
    expect(doubts).toEqual([`anybody -> ${place}: ${kind} ${name} added`, `${place} -> anywhere: ${kind} ${name} added`]);
    expect(await equal(policy(spec, { apiVersion, kind }), policy(spec, { apiVersion, kind, name: 'q' }))).toEqual(proven);
  });

  test('of others that stays counts where a label changes of which it speaks', async () => {
    const p = policy('selector: team == "a"', { apiVersion: 'projectcalico.org/v3' });
    const labelled = (label: string): Files => ({
      'shop.yaml': (shop['shop.yaml'] ?? '').replace('labels: {app: client}}', `labels: {app: client, ${label}}}`),
    });
    expect((await equal(p, { ...labelled('team: a'), ...p })).doubts).toHaveLength(2);
    expect((await equal(p, { ...labelled('version: a'), ...p })).doubts).toEqual([]);
    expect((await equal(p, { ...labelled('tea: a'), ...p })).doubts).toEqual([]);
  });

  test('of Cilium that stays counts where a label of a namespace changes of which it speaks', async () => {
    const kind = { apiVersion: 'cilium.io/v2', kind: 'CiliumNetworkPolicy' };
    const p = policy(
      'endpointSelector: {}, ingress: [{fromEndpoints: [{matchLabels: {"k8s:io.cilium.k8s.namespace.labels.team": a}}]}]',
      kind,
    );
    const labelled = (label: string): Files => ({
      'shop.yaml': (shop['shop.yaml'] ?? '').replace('istio-injection: enabled', `istio-injection: enabled, ${label}`),
    });
    expect((await equal(p, { ...labelled('team: a'), ...p })).doubts).toHaveLength(2);
    expect((await equal(p, { ...labelled('cost-center: a'), ...p })).doubts).toEqual([]);
    expect((await equal(p, { ...labelled('labels: a'), ...p })).doubts).toEqual([]);
  });
});

test('a NetworkPolicy is told of the direction in which it differs', async () => {
  const both = (more: string): Files =>
    policy(toWeb(`policyTypes: [Ingress, Egress], egress: [{}], ingress: [{from: [${CLIENT}${more}]}]`));
  expect(await equal(both(''), both(`, ${BLOCK}`))).toEqual(unproven('anybody -> shop/web: NetworkPolicy shop/p changed'));
});

describe('a NetworkPolicy that is split', () => {
  test.each([
    [
      'lets through less where each peer has a port of its own now',
      policy(toWeb(`ingress: [{from: [${CLIENT}, ${BLOCK}], ports: [{port: 1}, {port: 2}]}]`)),
      policy(toWeb(`ingress: [{from: [${CLIENT}], ports: [{port: 1}]}, {from: [${BLOCK}], ports: [{port: 2}]}]`)),
    ],
    [
      'stops more where it is about connections to others only in part of it',
      policy(toWeb(`ingress: [{from: [${CLIENT}]}]`)),
      policy(toWeb(`policyTypes: [Ingress, Egress], ingress: [{from: [${CLIENT}]}]`)),
    ],
    [
      'is about pods that come, too, where it is about a whole namespace',
      policy('podSelector: {}, ingress: []'),
      { ...policy(toWeb('ingress: []')), ...policy('podSelector: {matchLabels: {app: client}}, ingress: []', { name: 'q' }) },
    ],
    [
      'lets through what comes, too, where it lets in a whole namespace',
      policy(toWeb('ingress: [{from: [{podSelector: {}}]}]')),
      policy(toWeb('ingress: [{from: [{podSelector: {matchExpressions: [{key: app, operator: Exists}]}}]}]')),
    ],
  ])('%s', async (_, before, after) => {
    expect((await equal(before, after)).exitCode).toBe(1);
  });
});

describe('a NetworkPolicy that stays', () => {
  test('is about replicas as about the others of their workload', async () => {
    const named = (shop['shop.yaml'] ?? '').replaceAll('containerPort: 8080', 'containerPort: 8080, name: web');
    const scaled = { 'shop.yaml': named.replace('name: web, namespace: shop}\nspec:\n', '$&  replicas: 3\n') };
    expect(scaled['shop.yaml']).not.toBe(named);
    const doubtsOf = async (files: Files) => {
      const { report } = await diffOf({ 'shop.yaml': named, ...files }, { ...scaled, ...files }, ['--equal']);
      return (report.requests as { readonly proof?: { readonly doubts: readonly unknown[] } }).proof?.doubts;
    };
    const p = policy(toWeb(`ingress: [{from: [${CLIENT}], ports: [{port: web}]}]`));
    expect(await doubtsOf({})).toEqual([]);
    expect(await doubtsOf(p)).toEqual([]);
  });

  const ambient: Files = {
    'shop.yaml': (shop['shop.yaml'] ?? '').replace('istio-injection: enabled', 'istio.io/dataplane-mode: ambient'),
  };
  /** What is not known of requests to `web` where the shop moves to ambient mode. */
  async function unknownOfMove(files: Files) {
    const { report } = await diffOf({ ...shop, ...files }, { ...ambient, ...files }, ['--equal', '--ambient']);
    const { proof } = report.requests as {
      readonly proof?: { readonly doubts: readonly { readonly what?: readonly string[] }[] };
    };
    return new Set((proof?.doubts ?? []).flatMap(({ what = [] }) => what));
  }

  test('may stop the tunnels of ztunnel, which come to another port', async () => {
    expect(await unknownOfMove(policy(fromClient))).toContain(
      'whether NetworkPolicy shop/p lets it through on another way than before',
    );
  });

  test('lets these through, too, where it names no port', async () => {
    const p = policy(
      toWeb('ingress: [{from: [{podSelector: {matchLabels: {app: client}}}]}, {from: [{namespaceSelector: {}}]}]'),
    );
    expect(await unknownOfMove(p)).not.toContain('whether NetworkPolicy shop/p lets it through on another way than before');
    expect(await unknownOfMove({})).toEqual(new Set());
  });

  test('stops the same as before where requests go the same way', async () => {
    const routes = (timeout: string): Files => ({
      'routes.yaml': `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec: {hosts: [web.shop.svc.cluster.local], http: [${timeout}route: [{destination: {host: web.shop.svc.cluster.local}}]}]}
`,
    });
    const p = policy(fromClient);
    expect(await equal({ ...routes('{name: a, '), ...p }, { ...routes('{name: b, '), ...p })).toEqual(proven);
  });
});

function inOrders(): [Files, Files] {
  const rules = ['{ports: [{port: 1}, {port: 2}]}', '{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}'];
  const turned = ['{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}', '{ports: [{port: 2}, {port: 1}]}'];
  return [policy(toWeb(`ingress: [${rules.join()}]`)), policy(toWeb(`ingress: [${turned.join()}]`))];
}
