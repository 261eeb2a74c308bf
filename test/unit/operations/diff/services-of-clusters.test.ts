import { describe, expect, test } from 'vitest';
import { run } from '../../../../src/cli/main.ts';
import { createFakeIo } from '../../../support/fake-io.ts';

interface ClusterText {
  /** Addresses begin with it, those of Services too. */
  readonly place: number;
  readonly selected?: string;
  readonly annotations?: string;
  readonly areInjected?: boolean;
  readonly fields?: string;
  readonly more?: string;
}

/** A cluster on the one network of all, with pods `web` and `other` and a Service `web` that leads to one of them. */
function cluster({ place, selected = 'web', annotations = '', areInjected = true, fields = '', more = '' }: ClusterText): string {
  const pod = (name: string, number: number): string => `apiVersion: v1
kind: Pod
metadata: {name: ${name}-0, namespace: shop, labels: {app: ${name}, sidecar.istio.io/inject: "${areInjected}"}}
spec: {containers: [{name: app, image: app, ports: [{containerPort: 80}]}]}
status: {podIP: 10.${place}.0.${number}}
---
`;
  return `apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
${pod('client', 1)}${pod('web', 2)}${pod('other', 3)}apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop, annotations: {${annotations}}}
spec: {${fields}selector: {app: ${selected}}, clusterIP: 10.${place}.100.1, ports: [{name: http, port: 80}]}
${more}`;
}

const HIDDEN = 'networking.istio.io/exportTo: "~"';

/** The exit status of `--equal`, and who is answered otherwise, where the cluster `west` is another one. */
async function equal(east: ClusterText, before: ClusterText, after: ClusterText) {
  const files = {
    '/work/east/m.yaml': cluster(east),
    '/work/old/m.yaml': cluster(before),
    '/work/new/m.yaml': cluster(after),
  };
  const io = createFakeIo({ files });
  const flags = ['--cluster', 'east=east', '--old-cluster', 'west=old', '--new-cluster', 'west=new', '--equal', '-o', 'json'];
  const exitCode = await run(['diff', ...flags], io);
  const { requests } = JSON.parse(io.output()) as {
    readonly requests: { readonly changed: readonly { readonly from: readonly string[]; readonly differences: object }[] };
  };
  return { exitCode, from: [...new Set(requests.changed.flatMap(({ from }) => from))].sort() };
}

describe('a Service of one of several clusters that its nodes lead elsewhere', () => {
  const bare = { areInjected: false };

  test('is asked for by pods without a proxy', async () => {
    const [east, west] = [
      { ...bare, place: 1 },
      { ...bare, place: 2 },
    ];
    expect(await equal(east, west, { ...west, selected: 'other' })).toEqual({ exitCode: 1, from: ['a pod without sidecar'] });
    expect(await equal(east, west, { ...west, more: '---\n# the same\n' })).toEqual({ exitCode: 0, from: [] });
  });

  test('is asked for by sidecars that are not told of it, at the address that it has in their own cluster', async () => {
    const [east, west] = [
      { place: 1, annotations: HIDDEN },
      { place: 2, annotations: HIDDEN },
    ];
    expect(await equal(east, west, { ...west, selected: 'other' })).toEqual({
      exitCode: 1,
      from: ['a pod without sidecar', 'west/shop/client-0', 'west/shop/other-0', 'west/shop/web-0'],
    });
    expect(await equal(east, west, { ...west, more: '---\n# the same\n' })).toEqual({ exitCode: 0, from: [] });
  });

  test('is doubted where nodes or load balancers of the one cluster heed it otherwise', async () => {
    const [east, west] = [{ place: 1 }, { place: 2 }];
    expect(await equal(east, west, { ...west, fields: 'type: NodePort, ' })).toEqual({ exitCode: 1, from: [] });
    expect(await equal(east, west, { ...west, fields: 'type: ClusterIP, ' })).toEqual({ exitCode: 0, from: [] });
  });
});

describe('a Service that is hidden from sidecars', () => {
  const deny = (name: string, hosts: string): string => `---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: ${name}, namespace: shop}
spec: {selector: {matchLabels: {app: ${name}}}, action: DENY, rules: [{to: [{operation: {hosts: [${hosts}]}}]}]}
`;

  test('is told apart by other hosts than its own, too, that requests to its address are for', async () => {
    const [east, own] = [{ place: 1 }, '"web.shop*"'];
    const side = (selected: string, host: string): ClusterText => ({
      ...{ place: 2, annotations: HIDDEN, selected },
      more: deny('web', `${own}, x.example`) + deny('other', `${own}, ${host}`),
    });
    const { exitCode, from } = await equal(east, side('web', 'y.example'), side('other', 'y.example'));
    expect(exitCode).toBe(1);
    expect(from).toContain('a pod without sidecar');
  });
});
