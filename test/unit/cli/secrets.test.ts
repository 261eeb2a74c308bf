import { expect, test } from 'vitest';
import { createSecretLookup } from '../../../src/workbench/secrets.ts';
import { resourcesOfYaml } from '../../support/resources.ts';

const resources = resourcesOfYaml(`
apiVersion: v1
kind: Secret
metadata: {name: web, namespace: edge}
data: {tls.crt: ${btoa('chain')}, tls.key: ${btoa('key')}, ca.crt: ${btoa('ca')}}
---
apiVersion: v1
kind: Secret
metadata: {name: generic, namespace: edge}
stringData: {cert: chain2, key: key2}
---
apiVersion: v1
kind: Secret
metadata: {name: generic-cacert, namespace: edge}
stringData: {cacert: ca2}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: roots, namespace: edge}
data: {ca.crt: ca3}
`);
const lookup = createSecretLookup(resources, 'edge');

test.each([
  ['kubernetes://web', { certificate: { certificateChain: 'chain', privateKey: 'key' }, authorities: 'ca' }],
  ['kubernetes://web-cacert', { authorities: 'ca' }],
  ['kubernetes-gateway://edge/web', { certificate: { certificateChain: 'chain', privateKey: 'key' }, authorities: 'ca' }],
  ['kubernetes://generic', { certificate: { certificateChain: 'chain2', privateKey: 'key2' } }],
  ['kubernetes://generic-cacert', { authorities: 'ca2' }],
  ['configmap://edge/roots', { authorities: 'ca3' }],
  ['kubernetes-gateway://other/web', {}],
  ['default', undefined],
])('the secret %s', (name, known) => {
  expect(lookup(name)).toEqual(known);
});
