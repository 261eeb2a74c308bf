import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PodStatus } from '../../../src/api/kubernetes.ts';
import type { Diagnostic } from '../../../src/diagnostics/diagnostic.ts';
import { defaultRelease } from '../../../src/releases/index.ts';
import { fnv1a } from '../../../src/resource/addresses.ts';
import { completeResources } from '../../../src/resource/complete.ts';
import { decodeDocuments } from '../../../src/resource/decode.ts';
import type { Resource, ResourceOf } from '../../../src/resource/resource.ts';
import { parseText } from '../../../src/source/parse.ts';

function complete(...texts: readonly string[]) {
  const diagnostics: Diagnostic[] = [];
  const report = (diagnostic: Diagnostic): void => void diagnostics.push(diagnostic);
  const documents = parseText('m.yaml', texts.join('\n---\n'), report);
  const resources = completeResources(
    decodeDocuments(documents, { release: defaultRelease, namespace: 'default' }, report),
    report,
  );
  return {
    resources,
    diagnostics,
    pods: resources.filter(({ kind }) => kind === 'Pod') as readonly ResourceOf<'Pod'>[],
    services: resources.filter(({ kind }) => kind === 'Service') as readonly ResourceOf<'Service'>[],
  };
}

const workload = (kind: string, name: string, spec: string, metadata = '') =>
  `apiVersion: ${kind === 'Job' ? 'batch' : 'apps'}/v1\nkind: ${kind}\nmetadata: {name: ${name}${metadata}}\nspec:\n  ${spec}\n  template:\n    metadata: {labels: {app: ${name}}}\n    spec: {serviceAccountName: ${name}, containers: [{name: app, ports: [{containerPort: 80}]}]}\n`;
const pod = (name: string, extra = '') => `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}${extra}}\nspec: {}\n`;
const addressOf = ({ status }: Resource): string => (status as PodStatus).podIP ?? '';

describe('pods of workloads', () => {
  test('a Deployment has as many as it says, one when it says nothing', () => {
    const { pods } = complete(
      workload('Deployment', 'web', 'replicas: 2'),
      workload('Deployment', 'one', 'paused: false'),
      workload('Deployment', 'none', 'replicas: 0'),
    );
    expect(pods.map(({ name }) => name)).toEqual(['one-0', 'web-0', 'web-1']);
    expect(pods[1]).toMatchObject({
      namespace: 'default',
      labels: { app: 'web' },
      generateName: 'web-',
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', controller: true }],
      spec: { serviceAccountName: 'web', containers: [{ name: 'app', ports: [{ containerPort: 80, protocol: 'TCP' }] }] },
    });
  });

  test('positions of a pod lead into the template', () => {
    const { pods } = complete(workload('Deployment', 'web', 'replicas: 1'));
    expect(pods[0]?.document.locate(['spec', 'serviceAccountName'])).toMatchObject({ line: 8, column: 32 });
    expect(pods[0]?.document.locate(['metadata', 'labels', 'app'])).toMatchObject({ line: 7, column: 30 });
    expect(pods[0]?.document.locate(['metadata', 'name'])).toMatchObject({ line: 3, column: 18 });
  });

  test('pods of a StatefulSet have names of their own', () => {
    const { pods } = complete(workload('StatefulSet', 'db', 'replicas: 2\n  serviceName: db-nodes'));
    expect(pods.map(({ spec, labels }) => [spec.hostname, spec.subdomain, labels['statefulset.kubernetes.io/pod-name']])).toEqual(
      [
        ['db-0', 'db-nodes', 'db-0'],
        ['db-1', 'db-nodes', 'db-1'],
      ],
    );
  });

  test('a DaemonSet has one on each node that it selects', () => {
    const node = (name: string, disk: string) =>
      `apiVersion: v1\nkind: Node\nmetadata: {name: ${name}, labels: {disk: ${disk}}}\n`;
    const daemons = workload('DaemonSet', 'agent', 'minReadySeconds: 1');
    expect(complete(daemons).pods.map(({ name, spec }) => [name, spec.nodeName])).toEqual([['agent-0', undefined]]);
    expect(complete(daemons, node('n1', 'ssd'), node('n2', 'hdd')).pods.map(({ spec }) => spec.nodeName)).toEqual(['n1', 'n2']);
    const picky = daemons.replace('spec: {service', 'spec: {nodeSelector: {disk: ssd}, service');
    expect(complete(picky, node('n1', 'ssd'), node('n2', 'hdd')).pods.map(({ spec }) => spec.nodeName)).toEqual(['n1']);
  });

  test('a Job has as many as run at once', () => {
    expect(
      complete(workload('Job', 'load', 'parallelism: 5\n  completions: 2')).pods.map(({ name, labels }) => [
        name,
        labels['job-name'],
      ]),
    ).toEqual([
      ['load-0', 'load'],
      ['load-1', 'load'],
    ]);
  });

  test('a workload whose pods are given has no others', () => {
    const owner = (kind: string, name: string) => `, ownerReferences: [{kind: ${kind}, name: ${name}, controller: true}]`;
    const deployment = workload('Deployment', 'web', 'replicas: 3');
    const set = workload('ReplicaSet', 'web-5d4', 'replicas: 3', owner('Deployment', 'web'));
    const given = pod('web-5d4-x', owner('ReplicaSet', 'web-5d4'));
    expect(complete(deployment, set, given).pods.map(({ name }) => name)).toEqual(['web-5d4-x']);
    expect(complete(deployment, set).pods.map(({ name }) => name)).toEqual(['web-5d4-0', 'web-5d4-1', 'web-5d4-2']);
    expect(
      complete(deployment, pod('web-5d4-x', `, labels: {pod-template-hash: 5d4}${owner('ReplicaSet', 'web-5d4')}`)).pods,
    ).toHaveLength(1);
  });

  test('a name that is taken is skipped', () => {
    expect(complete(workload('Deployment', 'web', 'replicas: 2'), pod('web-0')).pods.map(({ name }) => name)).toEqual([
      'web-0',
      'web-1',
      'web-2',
    ]);
  });

  test('an absurd number of replicas is refused', () => {
    const { pods, diagnostics } = complete(workload('Deployment', 'web', 'replicas: 1000000'));
    expect([pods.length, diagnostics.map(({ code, location }) => [code, location?.line])]).toEqual([0, [['MESH0011', 5]]]);
  });
});

describe('addresses', () => {
  test('FNV-1a', () => {
    expect([fnv1a(''), fnv1a('a'), fnv1a('foobar')]).toEqual([0x811c9dc5, 0xe40c292c, 0xbf9cf968]);
  });

  test('explicit ones are kept, others come from the pools', () => {
    const service = (name: string, spec: string) => `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}}\nspec: {${spec}}\n`;
    const { services, pods } = complete(
      service('a', 'clusterIP: 10.1.2.3'),
      service('b', 'clusterIP: None'),
      service('c', 'type: ExternalName, externalName: x.example'),
      service('d', 'ports: []'),
      pod('p'),
      `${pod('q')}status: {podIP: 1.2.3.4}\n`,
    );
    expect(services.map(({ spec }) => spec.clusterIP)).toEqual([
      '10.1.2.3',
      'None',
      undefined,
      expect.stringMatching(/^10\.96\.\d+\.\d+$/),
    ]);
    expect(pods.map(addressOf)).toEqual([expect.stringMatching(/^10\.244\.\d+\.\d+$/), '1.2.3.4']);
  });

  test('an explicit address is never made up for another pod', () => {
    const [made] = complete(pod('p')).pods;
    const address = made === undefined ? '' : addressOf(made);
    const { pods } = complete(pod('p'), `${pod('q')}status: {podIP: ${address}}\n`);
    expect(new Set(pods.map(addressOf)).size).toBe(2);
    expect(pods.map(addressOf)[1]).toBe(address);
  });

  test('a pod on the network of its node has its address', () => {
    const node =
      'apiVersion: v1\nkind: Node\nmetadata: {name: node}\nstatus: {addresses: [{type: InternalIP, address: 192.168.0.9}]}\n';
    expect(complete(node, pod('p').replace('spec: {}', 'spec: {hostNetwork: true, nodeName: node}')).pods.map(addressOf)).toEqual(
      ['192.168.0.9'],
    );
  });

  test('they depend on names only, are unique, and one workload more changes no other', () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,6}$/), { minLength: 2, maxLength: 40 });
    fc.assert(
      fc.property(names, (all) => {
        const full = complete(...all.map((name) => pod(name))).pods;
        const reversed = complete(...all.toReversed().map((name) => pod(name))).pods;
        const fewer = complete(...all.slice(1).map((name) => pod(name))).pods;
        expect(reversed.map(({ name, status }) => [name, status])).toEqual(full.map(({ name, status }) => [name, status]));
        expect(new Set(full.map(addressOf)).size).toBe(full.length);
        const byName = new Map(full.map((one) => [one.name, addressOf(one)]));
        const moved = fewer.filter((one) => byName.get(one.name) !== addressOf(one));
        // Only names whose hashes meet may move; among a few dozen that does not happen by chance.
        expect(moved).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });
});
