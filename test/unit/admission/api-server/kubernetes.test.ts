import { describe, expect, test } from 'vitest';
import { formatQuantity, quantityProblem, readQuantity } from '../../../../src/util/quantity.ts';
import { answersTo } from './ask.ts';

/** What is said of an object, without places. */
async function saidOf(text: string): Promise<readonly string[]> {
  return (await answersTo(text)).map((said) => said.replace(/^\d+:\d+ error /, ''));
}

const service = (spec: string): string => `apiVersion: v1\nkind: Service\nmetadata: {name: shop}\nspec: ${spec}\n`;
const pod = (spec: string): string => `apiVersion: v1\nkind: Pod\nmetadata: {name: shop}\nspec: ${spec}\n`;
const container = (fields: string): string => pod(`{containers: [{name: app, image: app, ${fields}}]}`);
const workload = (kind: string, spec: string, labels = '{app: shop}'): string =>
  `apiVersion: apps/v1\nkind: ${kind}\nmetadata: {name: shop}\nspec: {template: {metadata: {labels: ${labels}}, spec: {containers: [{name: app, image: app}]}}, ${spec}}\n`;
const ingress = (path: string): string =>
  `apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: shop}\nspec: {rules: [{http: {paths: [${path}]}}]}\n`;
const backend = 'backend: {service: {name: shop, port: {number: 80}}}';

describe('what is as it should be', () => {
  test.each([
    service('{ports: [{port: 80}]}'),
    service('{clusterIP: None}'),
    service('{type: ExternalName, externalName: example.com.}'),
    service('{type: LoadBalancer, externalTrafficPolicy: Local, loadBalancerSourceRanges: [10.0.0.0/8], ports: [{port: 80}]}'),
    service(
      '{sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 10}}, ports: [{port: 80, targetPort: http}]}',
    ),
    pod(
      '{containers: [{name: app, image: app}], initContainers: [{name: proxy, image: proxy, restartPolicy: Always, startupProbe: {exec: {command: [a]}}}]}',
    ),
    container('resources: {limits: {cpu: 1, memory: 1Gi, example.com/gpu: 1}, requests: {cpu: 500m}}'),
    container('env: [{name: A, valueFrom: {fieldRef: {fieldPath: "metadata.annotations[\'a.b/c\']"}}}]'),
    container('lifecycle: {preStop: {sleep: {seconds: 5}}}, readinessProbe: {grpc: {port: 80}}'),
    pod(
      '{hostNetwork: true, containers: [{name: app, image: app, ports: [{containerPort: 80}]}], tolerations: [{operator: Exists}]}',
    ),
    pod(
      '{volumes: [{name: a}, {name: b, hostPath: {path: /b}}], containers: [{name: app, image: app, volumeMounts: [{name: a, mountPath: /a}]}]}',
    ),
    workload('Deployment', 'selector: {matchExpressions: [{key: app, operator: In, values: [shop]}]}'),
    workload('DaemonSet', 'selector: {matchLabels: {app: shop}}'),
    workload('StatefulSet', 'serviceName: shop, selector: {matchLabels: {app: shop}}'),
    workload('StatefulSet', 'selector: {matchLabels: {app: shop}}, volumeClaimTemplates: [{metadata: {name: data}}]').replace(
      'image: app}',
      'image: app, volumeMounts: [{name: data, mountPath: /data}]}',
    ),
    workload('ReplicaSet', 'selector: {matchExpressions: [{key: app, operator: Exists}]}'),
    ingress(`{path: /, pathType: Prefix, ${backend}}`),
    'apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: istio}\nspec: {controller: istio.io/ingress-controller}\n',
    'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, namespace: Of.Nobody}\n',
    'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ntype: kubernetes.io/tls\nstringData: {tls.crt: a, tls.key: b}\n',
    'apiVersion: v1\nkind: Pod\nmetadata: {name: a, creationTimestamp: null}\nspec: {containers: [{name: a, image: a}]}\nstatus: {}\n',
  ])('%s is taken', async (text) => {
    expect(await answersTo(text)).toEqual([]);
  });
});

describe('what cannot be', () => {
  test.each<[text: string, said: readonly string[]]>([
    [
      workload('Deployment', 'selector: {matchLabels: {app: shop}}', '{app: shop, istio.io/persistent-session: "session:/cart"}'),
      ['spec.template.labels Invalid value: "session:/cart": a valid label must be an empty string'],
    ],
    [
      service('{type: ClusterIP, loadBalancerSourceRanges: [10.0.0.1], ports: [{port: 80}]}'),
      [
        "spec.LoadBalancerSourceRanges Forbidden: may only be used when `type` is 'LoadBalancer'",
        'spec.LoadBalancerSourceRanges[0] Invalid value: "10.0.0.1": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
      ],
    ],
    [
      pod(
        '{containers: [{name: app, image: app}], initContainers: [{name: init, image: init, livenessProbe: {httpGet: {port: 80}}}]}',
      ),
      ['spec.initContainers[0].livenessProbe Forbidden: may not be set for init containers without restartPolicy=Always'],
    ],
    [
      container('livenessProbe: {httpGet: {port: 80}, successThreshold: 2}'),
      ['spec.containers[0].livenessProbe.successThreshold Invalid value: 2: must be 1'],
    ],
    [
      container('env: [{name: A, value: b, valueFrom: {configMapKeyRef: {name: c, key: k}}}]'),
      ['spec.containers[0].env[0].valueFrom Invalid value: "": may not be specified when `value` is not empty'],
    ],
    [
      container('resources: {requests: {gpu: 1}}'),
      [
        'spec.containers[0].resources.requests[gpu] Invalid value: "gpu": must be a standard resource type or fully qualified',
        'spec.containers[0].resources.requests[gpu] Invalid value: "gpu": must be a standard resource for containers',
      ],
    ],
    [
      container('resources: {limits: {memory: 1Gi}, requests: {memory: 2048Mi}}'),
      ['spec.containers[0].resources.requests Invalid value: "2Gi": must be less than or equal to memory limit of 1Gi'],
    ],
    [
      container('securityContext: {runAsGroup: -2}'),
      ['spec.containers[0].securityContext.runAsGroup Invalid value: -2: must be between 0 and 2147483647, inclusive'],
    ],
    [
      pod(
        '{volumes: [{name: a, emptyDir: {}, configMap: {name: c}}], containers: [{name: app, image: app, volumeMounts: [{name: a, mountPath: /a}]}]}',
      ),
      [
        'spec.volumes[0].configMap Forbidden: may not specify more than 1 volume type',
        'spec.containers[0].volumeMounts[0].name Not found: "a"',
      ],
    ],
    [
      pod(
        '{containers: [{name: app, image: app}], affinity: {podAntiAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 0, podAffinityTerm: {topologyKey: zone}}]}}}',
      ),
      [
        'spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight Invalid value: 0: must be in the range 1-100',
      ],
    ],
    [
      workload('Deployment', 'selector: {matchLabels: {app: "a b"}}'),
      [
        'spec.selector.matchLabels Invalid value: "a b": a valid label must be an empty string',
        'spec.selector Invalid value: {"matchLabels":{"app":"a b"}}: invalid label selector',
      ],
    ],
    [workload('DaemonSet', 'selector: {}'), ['spec.selector Invalid value: {}: empty selector is invalid for daemonset']],
    [ingress(`{path: a, ${backend}}`), ['spec.rules[0].http.paths[0].pathType Required value: pathType must be specified']],
    [
      ingress(`{path: /a/../b, pathType: Exact, ${backend}}`),
      ['spec.rules[0].http.paths[0].path Invalid value: "/a/../b": must not contain \'/../\''],
    ],
    [
      ingress('{path: /, pathType: Prefix, backend: {service: {name: shop}}}'),
      ['spec.rules[0].http.paths[0].backend Required value: port name or number is required'],
    ],
    [
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: b}\nbinaryData: {a: eA==}\n',
      ['data[a] Invalid value: "a": duplicate of key present in binaryData'],
    ],
    [
      'apiVersion: v1\nkind: Endpoints\nmetadata: {name: e}\nsubsets: [{ports: [{port: 80}]}]\n',
      ['subsets[0] Required value: must specify `addresses` or `notReadyAddresses`'],
    ],
  ])('%s', async (text, said) => {
    const found = (await saidOf(text)).map((one) => one.replace(/(an empty string) or consist of .*/, '$1'));
    expect([...found].sort()).toEqual([...said].sort());
  });
});

describe('values of a wrong type end it', () => {
  const ofPod = 'Pod in version "v1" cannot be handled as a Pod: ';

  test.each<[text: string, said: string]>([
    [
      pod('{containers: {}}'),
      `${ofPod}json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container`,
    ],
    [
      container('livenessProbe: {httpGet: {port: true}}'),
      `${ofPod}json: cannot unmarshal bool into Go struct field HTTPGetAction.spec.containers.livenessProbe.ProbeHandler.httpGet.port of type int32`,
    ],
    [
      container('ports: [{containerPort: 3000000000}]'),
      `${ofPod}json: cannot unmarshal number 3000000000 into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32`,
    ],
    // What reads itself ends the reading, also after another mistake.
    [
      container('args: [1], resources: {limits: {cpu: 1x}}'),
      `${ofPod}quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'`,
    ],
    [
      'apiVersion: v1\nkind: Pod\nmetadata: {creationTimestamp: yesterday}\n',
      `${ofPod}parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday" as "2006"`,
    ],
  ])('%s', async (text, said) => {
    expect(await saidOf(text)).toEqual([said]);
  });

  test('and of several the first by the names of fields counts', async () => {
    expect(await answersTo(container('workingDir: 1, args: 2'))).toEqual([
      expect.stringMatching(/^4:66 error .*Container\.spec\.containers\.args of type \[\]string$/),
    ]);
  });
});

test('a value of a Secret is in no message', async () => {
  const text =
    'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ntype: kubernetes.io/dockercfg\ndata: {.dockercfg: aHVudGVyMg==, "a b": c2VjcmV0}\nstringData: {x: 12345}\n';
  const said = (await saidOf(text)).join('\n');
  expect(said).toMatch(/cannot unmarshal number into/);
  expect(said).not.toMatch(/12345|hunter2|aHVudGVyMg/);
});

test('a kind of an old version is told with the one that is served', async () => {
  expect(await answersTo('apiVersion: extensions/v1beta1\nkind: Ingress\nmetadata: {name: a}\n')).toEqual([
    '1:13 error no matches for kind "Ingress" in version "extensions/v1beta1": it is served as networking.k8s.io/v1',
  ]);
});

test('a kind without a version is told with the one that is served', async () => {
  expect(await answersTo('kind: Pod\nmetadata: {name: a}\n')).toEqual([
    '1:1 error no matches for kind "Pod" in version "": it is served as v1',
  ]);
});

test('unknown fields are told with the name that may be meant', async () => {
  expect(await answersTo(container('livenesProbe: {}'))).toEqual([
    '4:45 error spec.containers[0].livenesProbe unknown field "spec.containers[0].livenesProbe" (did you mean "livenessProbe"?)',
  ]);
});

describe('quantities', () => {
  test.each([
    ['1', '1'],
    ['1000m', '1'],
    ['0.5', '500m'],
    ['1024Mi', '1Gi'],
    ['1.5Gi', '1536Mi'],
    ['1e3', '1e3'],
    ['1500', '1500'],
    ['100u', '100u'],
    ['0.0000000001', '1n'],
    ['-2k', '-2k'],
    ['0', '0'],
    // Where no digit is, Go reads a zero.
    ['m', '0'],
    ['.', '0'],
    ['-', '0'],
    ['1e0003', '1e3'],
  ])('%s is %s', (written, canonical) => {
    expect(quantityProblem(written)).toBeUndefined();
    expect(formatQuantity(readQuantity(written))).toBe(canonical);
  });

  test.each([
    ['', /regular expression/],
    ['lots', /regular expression/],
    ['1x', /regular expression/],
    ['1KiB', /regular expression/],
    ['1K', /suffix/],
    ['1mi', /suffix/],
    ['--1', /suffix/],
    [' 1', /regular expression/],
  ])('%j is none', (written, words) => {
    expect(quantityProblem(written)).toMatch(words);
  });
});
