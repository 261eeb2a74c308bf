import { describe, expect, test } from 'vitest';
import type { Diagnostic } from '../../../src/diagnostics/diagnostic.ts';
import { chooseRelease } from '../../../src/input/release.ts';
import { parseText } from '../../../src/source/parse.ts';

const deployment = (name: string, image: string): string => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: istio-system}
spec: {template: {spec: {containers: [{name: discovery, image: "${image}"}]}}}
`;

async function chosen(yaml: string, named?: string) {
  const found: Diagnostic[] = [];
  const documents = parseText('m.yaml', yaml, () => {});
  const release = await chooseRelease(named, documents, (diagnostic) => void found.push(diagnostic));
  return { name: release.name, codes: found.map(({ code }) => code), found };
}

describe('the release of an input', () => {
  test('is the one that is named, by its name or a version of it', async () => {
    expect((await chosen('', '1.31')).name).toBe('1.31');
    expect((await chosen('', 'v1.29.6')).name).toBe('1.29');
    expect((await chosen(deployment('istiod', 'istio/pilot:1.31.0'), '1.29')).name).toBe('1.29');
  });

  test('named ones that mesh does not know are refused', async () => {
    await expect(chosen('', '1.2')).rejects.toThrow('there is no Istio 1.2 that mesh knows (it knows 1.29, 1.30, 1.31)');
    await expect(chosen('', 'latest')).rejects.toThrow('latest');
  });

  test('is that of the istiod among the manifests, which is said', async () => {
    const { name, codes, found } = await chosen(
      deployment('istiod-1-29', 'registry:5000/istio/pilot:1.29.6-distroless@sha256:00'),
    );
    expect([name, codes]).toEqual(['1.29', ['MESH0050']]);
    expect(found[0]?.message).toContain('Deployment istio-system/istiod-1-29');
    expect(found[0]?.location?.line).toBe(5);
  });

  test('is not said where it is the default anyway, or where nothing tells it', async () => {
    expect(await chosen(deployment('istiod', 'istio/pilot:1.30.1'))).toMatchObject({ name: '1.30', codes: [] });
    expect(await chosen(deployment('web', 'shop/web:1.29.6'))).toMatchObject({ name: '1.30', codes: [] });
    expect(await chosen(deployment('istiod', 'istio/pilot:latest'))).toMatchObject({ name: '1.30', codes: [] });
  });

  test('istiod goes before an installation, and that before proxies, of which the newest counts', async () => {
    const operator = 'apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nspec: {tag: 1.31.0}\n';
    const sail = 'apiVersion: sailoperator.io/v1\nkind: Istio\nmetadata: {name: default}\nspec: {version: v1.29.2}\n';
    const proxies = [deployment('a', 'istio/proxyv2:1.29.2'), deployment('b', 'istio/proxyv2:1.31.0')].join('---');
    expect((await chosen([deployment('istiod', 'istio/pilot:1.29.6'), operator].join('---\n'))).name).toBe('1.29');
    expect((await chosen([proxies, operator].join('---\n'))).name).toBe('1.31');
    expect((await chosen([proxies, sail].join('---\n'))).name).toBe('1.29');
    expect((await chosen(proxies)).name).toBe('1.31');
  });

  test('of a release that mesh does not know the nearest one is taken, with a warning', async () => {
    expect(await chosen(deployment('istiod', 'istio/pilot:1.24.1'))).toMatchObject({ name: '1.29', codes: ['MESH0051'] });
    expect(await chosen(deployment('istiod', 'istio/pilot:1.40.0'))).toMatchObject({ name: '1.31', codes: ['MESH0051'] });
  });
});
