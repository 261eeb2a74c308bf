import { describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/main.ts';
import { followAmong } from '../../../src/operations/trace/follow.ts';
import { readQuestion } from '../../../src/operations/trace/question.ts';
import { createFakeIo } from '../../support/fake-io.ts';
import { filesOfFixture } from '../../support/fixture-clusters.ts';
import { groundOfClusters, proveText } from '../../support/proving.ts';
import { deny, filesOfTwoClusters } from '../../support/two-clusters.ts';

type Files = Readonly<Record<string, string>>;

const twoNetworks = filesOfFixture('two-networks');
const open: Files = {
  ...Object.fromEntries(Object.entries(filesOfTwoClusters).map(([path, text]) => [path, text.replace(deny, '')])),
  '/work/mesh.config.yaml': 'clusters: {east: {manifests: east}, west: {manifests: west}}',
};

/** The answers to statements; where one is broken, who reaches whom, as `mesh trace` follows it, and through which gateways. */
async function answersOf(files: Files, ...statements: readonly string[]): Promise<readonly string[]> {
  const ground = await groundOfClusters(files);
  const { statements: found } = proveText(`statements:\n${statements.map((one) => `- ${one}\n`).join('')}`, ground);
  return found.map(({ verdict }) => {
    if (verdict.kind === 'undecided') {
      const reasons = verdict.because.map((reason) => (reason.kind === 'untraceable' ? reason.what : reason.kind));
      return `undecided: ${[...new Set(reasons)].join()}`;
    }
    if (verdict.kind === 'proven') return 'proven';
    const { question, server, gateways, sender } = verdict.witness;
    const { outcomes } = followAmong(ground.benches, readQuestion(question), 0);
    expect(outcomes.flatMap(({ hops }) => hops.map(({ place }) => place))).toContain(server);
    return [sender === 'stranger' ? sender : question.from, ...gateways, server].join(' -> ');
  });
}

const answerTo = async (files: Files, statement: string): Promise<string> => (await answersOf(files, statement))[0] ?? '';

/** A pod that is not in the mesh. */
const bare = (name: string): string => `
---
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: bare, labels: {app: ${name}}, annotations: {sidecar.istio.io/inject: "false"}}
spec: {containers: [{name: app, image: app, ports: [{containerPort: 80}]}]}
`;

describe('names of statements over several clusters', () => {
  test('mean what each cluster has, and that of one where they begin with it', async () => {
    const [all, one, other, service, namespace] = await answersOf(
      open,
      '{never: {from: {workloads: [shop/near-1]}, to: {workloads: [shop/web-1]}}}',
      '{never: {from: {workloads: [shop/near-1]}, to: {workloads: [west/shop/web-1]}}}',
      '{never: {from: {workloads: [shop/near-1]}, to: {workloads: [east/shop/web-1]}}}',
      '{never: {from: {workloads: [east/shop/far-1]}, to: {services: [west/shop/web]}}}',
      '{never: {from: {namespaces: [west/shop]}, to: {services: [shop/far]}}}',
    );
    expect(all).toMatch(/^west\/shop\/near-1 -> .*web-1$/);
    expect(one).toBe('west/shop/near-1 -> west/shop/web-1');
    expect(other).toBe('west/shop/near-1 -> east/istio-system/ew-1 -> east/shop/web-1');
    expect(service).toBe('east/shop/far-1 -> west/istio-system/ew-1 -> west/shop/web-1');
    // Its name does not resolve in west, but sidecars there route it whatever the address.
    expect(namespace).toMatch(/^west\/shop\/\S+ -> east\/istio-system\/ew-1 -> east\/shop\/far-1$/);
  });

  test('that are there in none, or not in the cluster that is named, are mistakes', async () => {
    const io = (text: string) => createFakeIo({ files: { ...open, '/work/x.mesh-policy.yaml': `statements: [${text}]` } });
    const told = async (text: string) => {
      const world = io(text);
      return [await run(['prove', 'x.mesh-policy.yaml'], world), world.errors()];
    };
    expect(await told('{never: {to: {workloads: [west/shop/far-1]}}}')).toEqual([
      65,
      expect.stringContaining('"west/shop/far-1"; it must be a workload of the mesh'),
    ]);
    expect(await told('{never: {to: {services: [east/shop/near]}}}')).toEqual([
      65,
      expect.stringContaining('"east/shop/near"; it must be a service of the mesh'),
    ]);
    expect((await told('{never: {to: {services: [shop/near]}}}'))[0]).toBe(79);
  });

  test('that are the same make no workload of two: one may call itself, and not that of another cluster', async () => {
    expect(
      await answersOf(
        open,
        '{never: {from: {workloads: [west/shop/web-1]}, to: {workloads: [west/shop/web-1]}}}',
        '{never: {from: {workloads: [east/shop/web-1]}, to: {workloads: [west/shop/web-1]}}}',
      ),
    ).toEqual(['proven', 'east/shop/web-1 -> west/istio-system/ew-1 -> west/shop/web-1']);
  });
});

describe('who reaches the servers of other clusters', () => {
  test('the outside does by a gateway of any cluster that routes there, and by no other way', async () => {
    expect(
      await answersOf(
        twoNetworks,
        '{never: {from: outside, to: {services: [shop/cart]}}}',
        '{never: {from: outside, to: {services: [shop/ledger]}}}',
        '{never: {from: outside, to: {services: [shop/stock], paths: [/stock/secret]}}}',
      ),
    ).toEqual(['outside -> east/istio-system/ingress-1 -> west/istio-system/eastwest-1 -> west/shop/cart-1', 'proven', 'proven']);
  });

  test('sidecars do through the gateway between networks, as the policies there let them', async () => {
    expect(
      await answersOf(
        twoNetworks,
        '{only: {from: {workloads: [shop/web-1]}, to: {services: [shop/reports], methods: [GET]}}}',
        '{only: {from: {workloads: [west/shop/web-1]}, to: {services: [shop/reports], methods: [GET]}}}',
        '{always: {mutualTLS: true, to: {namespaces: [west/shop]}}}',
        '{always: {mutualTLS: true, to: {workloads: [east/shop/api-east-1]}}}',
      ),
    ).toEqual([
      'proven',
      'east/shop/web-1 -> west/istio-system/eastwest-1 -> west/shop/reports-1',
      'proven',
      'stranger -> east/shop/api-east-1',
    ]);
  });

  test('pods without a sidecar do on their own network alone', async () => {
    const apart = { ...open, '/work/east/bare.yaml': bare('e1'), '/work/west/bare.yaml': bare('w1') };
    const never = '{never: {from: {workloads: [east/bare/e1]}, to: {workloads: [west/bare/w1, west/shop/near-1]}}}';
    expect(await answerTo(apart, never)).toBe('proven');
    const flat = Object.fromEntries(
      Object.entries(apart).map(([path, text]) => [path, text.replaceAll(`network: b`, 'network: a')]),
    );
    expect(await answerTo(flat, never)).toMatch(/^east\/bare\/e1 -> west\//);
  });

  test('pods of other networks do by the load balancers of Services, past any gateway', async () => {
    const balanced = (at: string): Files => ({
      ...open,
      '/work/east/bare.yaml': bare('e1'),
      '/work/west/bare.yaml': `${bare('w1')}
---
apiVersion: v1
kind: Service
metadata: {name: w1, namespace: bare}
spec: {type: LoadBalancer, selector: {app: w1}, ports: [{name: http, port: 90, targetPort: 80}]}
status: {loadBalancer: {ingress: [${at}]}}
`,
    });
    for (const from of ['east/bare/e1', 'east/shop/far-1']) {
      const never = `{never: {from: {workloads: [${from}]}, to: {workloads: [west/bare/w1]}}}`;
      expect(await answerTo(balanced('{ip: 203.0.113.2}'), never)).toBe(`${from} -> west/bare/w1`);
      expect(await answerTo(balanced('{hostname: w1.lb.example}'), never)).toBe(`${from} -> west/bare/w1`);
      expect(await answerTo(balanced(''), never)).toBe('proven');
    }
  });
});

test('what others than Istio lead into a remote is not proven, and no reason to doubt what is in another cluster', async () => {
  const route = `
apiVersion: route.openshift.io/v1
kind: Route
metadata: {name: fax, namespace: library}
spec: {host: fax.example, to: {kind: Service, name: fax}}
`;
  const files = filesOfFixture('hub-and-branch');
  const never = '{never: {from: outside, to: {workloads: [branch/library/fax-1]}}}';
  expect(await answerTo(files, never)).toBe('proven');
  expect(await answerTo({ ...files, '/work/hub/route.yaml': route }, never)).toBe('proven');
  expect(await answerTo({ ...files, '/work/branch/route.yaml': route }, never)).toMatch(/fax-1$|which is not Istio's$/);
});

describe('gateways between networks', () => {
  const never = '{never: {from: outside, to: {workloads: [west/shop/near-1]}}}';

  test('let nobody in who has no certificate of the mesh, where servers ask for one', async () => {
    expect(await answerTo(open, never)).toBe('proven');
  });

  test('are undecided where servers do not: who says of TLS what sidecars say gets through', async () => {
    const past = Object.fromEntries(
      Object.entries(open).map(([path, text]) => [
        path,
        text.replace(
          'labels: {app: near}}',
          'labels: {app: near}, annotations: {traffic.sidecar.istio.io/excludeInboundPorts: "80"}}',
        ),
      ]),
    );
    expect(await answerTo(past, never)).toMatch(/^undecided: what a client outside is let in for that says of its TLS/);
  });

  test('send what sidecars send through them, over the mutual TLS of these', async () => {
    const [sent, got, plain] = await answersOf(
      twoNetworks,
      '{never: {from: {workloads: [west/istio-system/eastwest-1]}, to: {services: [shop/cart]}}}',
      '{always: {mutualTLS: true, to: {workloads: [istio-system/eastwest-1]}}}',
      '{always: {tls: true, gateways: [istio-system/eastwest-1]}}',
    );
    expect(sent).toMatch(/-> west\/istio-system\/eastwest-1 -> west\/shop\/cart-1$/);
    expect([got, plain]).toEqual(['proven', 'proven']);
  });

  test('that hand connections back to each other get them again', async () => {
    expect(
      await answerTo(open, '{never: {from: {workloads: [west/shop/near-1]}, to: {workloads: [west/istio-system/ew-1]}}}'),
    ).toMatch(/^west\/shop\/near-1 -> .*west\/istio-system\/ew-1/);
  });
});

describe('mesh prove over several clusters', () => {
  const policy = 'statements:\n- {never: {from: outside, to: {services: [shop/cart]}}}\n';

  async function called(...argv: readonly string[]) {
    const io = createFakeIo({ files: { ...twoNetworks, '/work/x.mesh-policy.yaml': policy } });
    const code = await run(['prove', ...argv], io);
    return { code, out: io.output() };
  }

  test('names the gateway of a request from outside, and the clusters, in the command that follows it', async () => {
    const { code, out } = await called('x.mesh-policy.yaml', '--cluster', 'east=east', '--cluster', 'west=west');
    expect(code).toBe(79);
    expect(out).toContain(
      "$ mesh trace --from outside http://shop.example/cart --gateway east/istio-system/ingress-1 --cluster 'east=east' --cluster 'west=west'\n",
    );
    expect((await called('x.mesh-policy.yaml')).out).toContain('--gateway east/istio-system/ingress-1\n');
  });

  test('tells an address that pods of two clusters have apart by a gateway', async () => {
    const io = createFakeIo({ files: twoNetworks });
    const argv = ['trace', '--from', 'outside', 'http://api/', '--address', '10.10.0.11:8080'];
    expect(await run(argv, io)).toBe(64);
    expect(io.errors()).toContain('name the host, or the cluster by one of its gateways with --gateway');
    const named = createFakeIo({ files: twoNetworks });
    expect(await run([...argv, '--gateway', 'east/istio-system/eastwest-1'], named)).toBe(0);
    expect(named.output()).toContain('served by east/shop/api-east-1:8080');
  });

  test('suggests statements that are proven', async () => {
    const { code, out } = await called('--suggest', '--cluster', 'east=east', '--cluster', 'west=west');
    expect(code).toBe(0);
    expect(out).toContain('{never: {from: outside, to: {services: [shop/ledger]}}}');
    expect(out).not.toContain('shop/cart');
    const io = createFakeIo({ files: { ...twoNetworks, '/work/now.mesh-policy.yaml': out } });
    expect(await run(['prove', 'now.mesh-policy.yaml'], io)).toBe(0);
  });
});
