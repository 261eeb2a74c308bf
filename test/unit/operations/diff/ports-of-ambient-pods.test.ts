import { describe, expect, test } from 'vitest';
import { namespace, workload } from '../../../support/ambient-mesh.ts';
import { diffOf } from '../../../support/diff.ts';

/** A client and a server that ztunnel stands before; `declares` says whether the server's container names its port, `isServed` whether a Service does. */
function mesh(policy: string, { declares = false, isServed = true } = {}): string {
  const server = workload('web', 'shop', { ip: 5 });
  const served = isServed ? server : server.split('\n---').slice(0, -1).join('\n---');
  const text = declares ? served : served.replace(', ports: [{containerPort: 8080}]', '');
  return `${namespace('shop')}${workload('client', 'shop', { ip: 6 })}${text}${policy}`;
}

const policy = (action: string, rules: string): string => `
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: web, namespace: shop}
spec: {selector: {matchLabels: {app: web}}, action: ${action}, rules: ${rules}}`;
const ofPorts = (field: string, ...ports: readonly number[]): string =>
  `[{to: [{operation: {${field}: [${ports.map((port) => `"${port}"`).join(', ')}]}}]}]`;

async function equal(before: string, after: string): Promise<number> {
  return (await diffOf({ 'mesh.yaml': before }, { 'mesh.yaml': after }, ['--equal'])).exitCode;
}

describe('ports of a pod behind ztunnel, whether its containers name any or not,', () => {
  test.each([
    ['an ALLOW policy that lets in more ports', policy('ALLOW', ofPorts('ports', 8080)), policy('ALLOW', '[{}]')],
    ['a DENY policy of another port that goes', policy('DENY', ofPorts('ports', 9999)), ''],
    ['a DENY policy of another port instead', policy('DENY', ofPorts('ports', 9999)), policy('DENY', ofPorts('ports', 9998))],
    ['a DENY policy of all other ports that goes', policy('DENY', ofPorts('notPorts', 8080)), ''],
  ])('end otherwise with %s', async (_, before, after) => {
    expect(await equal(mesh(before), mesh(after))).toBe(1);
    const declares = true;
    expect(await equal(mesh(before, { declares }), mesh(after, { declares }))).toBe(1);
  });

  test('end otherwise where nothing names any port', async () => {
    const isServed = false;
    expect(await equal(mesh(policy('DENY', '[{}]'), { isServed }), mesh('', { isServed }))).toBe(1);
  });

  test.each([
    [
      'a DENY policy that is split',
      policy('DENY', ofPorts('ports', 9998, 9999)),
      `${policy('DENY', ofPorts('ports', 9998))}${policy('DENY', ofPorts('ports', 9999)).replace('name: web', 'name: more')}`,
    ],
    [
      'another name',
      policy('ALLOW', ofPorts('ports', 8080)),
      policy('ALLOW', ofPorts('ports', 8080)).replace('name: web', 'name: other'),
    ],
    ['DENY of all others for ALLOW of one', policy('DENY', ofPorts('notPorts', 8080)), policy('ALLOW', ofPorts('ports', 8080))],
  ])('end as before, proven, with %s', async (_, before, after) => {
    expect(await equal(mesh(before), mesh(after))).toBe(0);
    expect(await equal(mesh(before, { isServed: false }), mesh(after, { isServed: false }))).toBe(0);
    expect(await equal(mesh(before, { declares: true }), mesh(after, { declares: true }))).toBe(0);
  });
});
