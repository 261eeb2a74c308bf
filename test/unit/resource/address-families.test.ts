import { describe, expect, test } from 'vitest';
import { defaultRelease } from '../../../src/releases/index.ts';
import { completeResources } from '../../../src/resource/complete.ts';
import { decodeDocuments } from '../../../src/resource/decode.ts';
import { resourcesOf } from '../../../src/resource/select.ts';
import { parseText } from '../../../src/source/parse.ts';

/** Addresses by the names of pods and Services, of manifests with a pod and a Service that have none. */
function addresses(more = '', spec = ''): Record<string, readonly string[]> {
  const text = `
apiVersion: v1
kind: Pod
metadata: {name: pod, namespace: shop}
spec: {containers: [{name: app, image: app}]}
---
apiVersion: v1
kind: Service
metadata: {name: service, namespace: shop}
spec: {ports: [{port: 80}]${spec}}
---
${more}`;
  const decoded = decodeDocuments(
    parseText('m.yaml', text, () => {}),
    { release: defaultRelease, namespace: 'shop' },
    () => {},
  );
  const resources = completeResources(decoded, () => {});
  return Object.fromEntries([
    ...resourcesOf(resources, 'Pod').map(({ name, status }) => [name, status?.podIPs?.map(({ ip }) => ip) ?? [status?.podIP]]),
    ...resourcesOf(resources, 'Service').map(({ name, spec: of }) => [name, of.clusterIPs]),
  ]);
}

const other = (status: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: other, namespace: shop}\nspec: {containers: [{name: app, image: app}]}\nstatus: ${status}\n`;

const ipv4 = expect.stringMatching(/^10\.(244|96)\.\d+\.\d+$/);
const ipv6 = expect.stringMatching(/^fd00:10:(244|96)::[\da-f]+$/);

describe('addresses that nobody wrote', () => {
  test('are of IPv4 where nothing says otherwise, and where a Service would only like both', () => {
    expect(addresses()).toEqual({ pod: [ipv4], service: [ipv4] });
    expect(addresses('', ', ipFamilyPolicy: PreferDualStack')).toEqual({ pod: [ipv4], service: [ipv4] });
    expect(addresses(other('{podIP: 10.1.2.3}'))).toMatchObject({ pod: [ipv4], service: [ipv4] });
  });

  test('are of IPv6 where everything that is written is', () => {
    expect(addresses(other('{podIP: "fd00::1"}'))).toMatchObject({ pod: [ipv6], service: [ipv6] });
    expect(addresses('', ', ipFamilies: [IPv6]')).toEqual({ pod: [ipv6], service: [ipv6] });
  });

  test('are of both where something can only be in a cluster of both; a Service has those that it asks for', () => {
    const dual = other('{podIP: 10.1.2.3, podIPs: [{ip: 10.1.2.3}, {ip: "fd00::1"}]}');
    expect(addresses(dual)).toMatchObject({ pod: [ipv4, ipv6], service: [ipv4] });
    expect(addresses(dual, ', ipFamilyPolicy: PreferDualStack')).toMatchObject({ service: [ipv4, ipv6] });
    expect(addresses(dual, ', ipFamilies: [IPv6]')).toMatchObject({ service: [ipv6] });
    expect(addresses('', ', ipFamilyPolicy: RequireDualStack, ipFamilies: [IPv6, IPv4]')).toEqual({
      pod: [ipv6, ipv4],
      service: [ipv6, ipv4],
    });
  });
});
