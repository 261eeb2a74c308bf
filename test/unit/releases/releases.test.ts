import { describe, expect, test } from 'vitest';
import { createResourceValidator } from '../../../src/admission/index.ts';
import type { Diagnostic } from '../../../src/diagnostics/diagnostic.ts';
import { loadRelease, loadReleases, releaseNames } from '../../../src/releases/index.ts';
import { decodeDocuments } from '../../../src/resource/decode.ts';
import type { Resource } from '../../../src/resource/resource.ts';
import { parseText } from '../../../src/source/parse.ts';
import { resourcesOfYaml } from '../../support/resources.ts';

const decoded = async (version: string, yaml: string) => {
  const release = await loadRelease(version);
  if (release === undefined) throw new Error(version);
  const found: Diagnostic[] = [];
  const documents = parseText('m.yaml', yaml, () => {});
  const resources = decodeDocuments(documents, { release, namespace: 'default' }, (diagnostic) => void found.push(diagnostic));
  return { resources, found, codes: found.map(({ code }) => code) };
};

const rule = `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: a}
spec: {host: a, trafficPolicy: {connectionPool: {http: {http2KeepAlive: {interval: 1s, timeout: 1s}}}}}
`;

describe('releases', () => {
  test('are found by name, and say their own', async () => {
    const releases = await loadReleases();
    expect(releases.map(({ name }) => name)).toEqual(releaseNames);
    expect(releases.every(({ name, version, docsUrl }) => version.startsWith(`${name}.`) && docsUrl.includes(`v${name}/`))).toBe(
      true,
    );
  });

  test('a field of a later release is dropped, and it is said since when it exists', async () => {
    const { resources, found } = await decoded('1.30', rule);
    expect(found).toMatchObject([{ code: 'MESH0104', severity: 'error' }]);
    expect(found[0]?.message).toContain('field "http2KeepAlive" exists from Istio 1.31 on; 1.30 does not know it');
    expect(resources[0]?.spec).toEqual({ host: 'a', trafficPolicy: { connectionPool: { http: {} } } });
    expect((await decoded('1.31', rule)).codes).toEqual([]);
    expect((await decoded('1.29', rule.replace('http2KeepAlive', 'http2_keep_alive'))).codes).toEqual(['MESH0104']);
    expect((await decoded('1.29', rule.replace('http2KeepAlive', 'http2KeepAlives'))).codes).toEqual(['MESH0012']);
  });

  test('a value of a later release costs the resource, and it is said since when it exists', async () => {
    const filter = `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: a}
spec: {configPatches: [{applyTo: CLUSTER, patch: {operation: MERGE_AND_REPLACE_LIST, value: {}}}]}
`;
    const { resources, found } = await decoded('1.30', filter);
    expect([resources.length, found.map(({ code }) => code)]).toEqual([0, ['MESH0101']]);
    expect(found[0]?.message).toContain('it exists from Istio 1.31 on');
    expect((await decoded('1.31', filter)).codes).toEqual([]);
  });

  test('a kind of a later release is passed over with a word', async () => {
    const extension = 'apiVersion: extensions.istio.io/v1alpha1\nkind: TrafficExtension\nmetadata: {name: a}\nspec: {}\n';
    expect(await decoded('1.29', extension)).toMatchObject({ resources: [], codes: ['MESH0105'] });
    expect((await decoded('1.30', extension)).codes).toEqual([]);
  });
});

describe('what a release knows of Envoy', () => {
  const filter = (type: string, fields = '') => `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: a, namespace: shop}
spec:
  configPatches:
  - applyTo: HTTP_FILTER
    match: {context: SIDECAR_INBOUND}
    patch: {operation: INSERT_FIRST, value: {name: x, typed_config: {"@type": type.googleapis.com/${type}${fields}}}}
`;
  const outcome = async (version: string, yaml: string) => {
    const release = await loadRelease(version);
    if (release === undefined) throw new Error(version);
    const { errors, warnings } = createResourceValidator(release)(resourcesOfYaml(yaml)[0] as Resource);
    return [...errors, ...warnings].map(({ istio }) => istio).filter((message) => /Any message type|unknown field/.test(message));
  };
  const releasesWithout = async (yaml: string) => {
    const outcomes = await Promise.all(releaseNames.map((name) => outcome(name, yaml)));
    return releaseNames.filter((_, i) => outcomes[i]?.length !== 0);
  };

  test('filters are of the types, and have the fields, that its istiod is built with', async () => {
    const http = 'envoy.extensions.filters.http';
    expect(await releasesWithout(filter(`${http}.bandwidth_share.v3.BandwidthShare`))).toEqual(['1.29', '1.30']);
    expect(await releasesWithout(filter(`${http}.file_server.v3.FileServerConfig`))).toEqual(['1.29']);
    expect(await releasesWithout(filter(`${http}.buffer.v3.Buffer`))).toEqual([]);
    expect(await releasesWithout(filter(`${http}.buffer.v3.Buffer`, ', none: 1'))).toEqual(['1.29', '1.30', '1.31']);
  });
});
