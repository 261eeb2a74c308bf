import { describe, expect, test } from 'vitest';
import type { Workload } from '../../../../src/model/registry/service.ts';
import { buildServiceRegistry } from '../../../../src/model/registry/services.ts';
import { resourcesOfYaml } from '../../../support/resources.ts';

function workloadOf(pod: { metadata?: string; spec?: string }, others = ''): Workload {
  const yaml = `
apiVersion: v1
kind: Pod
metadata: {name: cart-abc-1, namespace: shop, ${pod.metadata ?? ''}}
spec: {containers: [{name: app}], ${pod.spec ?? ''}}
status: {podIP: 10.244.0.1}
---
${others}`;
  const workload = buildServiceRegistry(resourcesOfYaml(yaml), {}).workloads.find(({ kind }) => kind === 'Pod');
  if (workload === undefined) throw new Error('no workload');
  return workload;
}

const namespace = (labels: string): string => `{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {${labels}}}}`;

describe('injection', () => {
  test.each([
    ['without a Namespace object', {}, '', true],
    ['in a namespace that asks for it', {}, namespace('istio-injection: enabled'), true],
    ['in a namespace of a revision', {}, namespace('istio.io/rev: stable'), true],
    ['in a namespace of a revision that is out of it', {}, namespace('istio.io/rev: stable, istio-injection: disabled'), false],
    ['in a namespace that is out of it', {}, namespace('istio-injection: disabled'), false],
    ['in a namespace of a revision that asks for it too', {}, namespace('istio.io/rev: a, istio-injection: enabled'), true],
    ['in a namespace that says nothing', {}, namespace(''), false],
    ['where the pod refuses', { metadata: 'labels: {sidecar.istio.io/inject: "false"}' }, '', false],
    ['where the pod refuses by annotation', { metadata: 'annotations: {sidecar.istio.io/inject: "false"}' }, '', false],
    ['where only the pod asks', { metadata: 'labels: {sidecar.istio.io/inject: "true"}' }, namespace(''), true],
    ['on the network of its node', { spec: 'hostNetwork: true' }, '', false],
  ])('a pod %s', (_, pod, others, injected) => {
    expect(workloadOf(pod, others).injected).toBe(injected);
  });

  test('adds the labels of telemetry and of mutual TLS', () => {
    expect(workloadOf({ metadata: 'labels: {app: cart, version: v2}' }).labels).toMatchObject({
      'security.istio.io/tlsMode': 'istio',
      'service.istio.io/canonical-name': 'cart',
      'service.istio.io/canonical-revision': 'v2',
    });
  });

  test('a gateway has no TLS label and is always in the mesh', () => {
    const workload = workloadOf({ metadata: 'annotations: {inject.istio.io/templates: gateway}' }, namespace(''));
    expect(workload).toMatchObject({ role: 'gateway', injected: true });
    expect(workload.labels['security.istio.io/tlsMode']).toBeUndefined();
    expect(workload.labels['service.istio.io/canonical-name']).toBe('cart-abc-1');
  });
});

describe('the workload name', () => {
  const owner = (kind: string, name: string): string => `ownerReferences: [{kind: ${kind}, name: ${name}, controller: true}]`;

  test.each([
    [
      'is that of the Deployment behind a ReplicaSet',
      `generateName: x, labels: {pod-template-hash: abc}, ${owner('ReplicaSet', 'cart-abc')}`,
      'cart',
    ],
    ['is that of a ReplicaSet of its own', `generateName: x, ${owner('ReplicaSet', 'cart-abc')}`, 'cart-abc'],
    ['is that of the CronJob behind a Job', `generateName: x, ${owner('Job', 'report-28934400')}`, 'report'],
    ["is the pod's own where its name was not generated", owner('ReplicaSet', 'cart-abc'), 'cart-abc-1'],
    ['can be said by a label', 'labels: {service.istio.io/workload-name: basket}', 'basket'],
  ])('%s', (_, metadata, name) => {
    expect(workloadOf({ metadata })).toMatchObject({ workloadName: name });
  });
});

describe('locality', () => {
  const node = `{apiVersion: v1, kind: Node, metadata: {name: node-1, labels: {topology.kubernetes.io/region: r, topology.kubernetes.io/zone: z}}}`;

  test('follows from the node', () => {
    const workload = workloadOf({ spec: 'nodeName: node-1' }, node);
    expect(workload.locality).toEqual({ region: 'r', zone: 'z', subzone: '' });
    expect(workload.labels).toMatchObject({
      'topology.kubernetes.io/zone': 'z',
      'kubernetes.io/hostname': 'node-1',
      'topology.istio.io/cluster': 'Kubernetes',
    });
  });

  test('is as the label of the pod says, with dots for slashes', () => {
    const workload = workloadOf({ metadata: 'labels: {istio-locality: r2.z2.s2}', spec: 'nodeName: node-1' }, node);
    expect(workload.locality).toEqual({ region: 'r2', zone: 'z2', subzone: 's2' });
  });
});
