import { describe, expect, test } from 'vitest';
import { loadDefinitions } from '../../../../src/admission/api-server/definitions.ts';
import { prepare } from '../../../../src/admission/api-server/prepare.ts';
import type { Schema } from '../../../../src/admission/api-server/schema.ts';
import { loadReleases } from '../../../../src/releases/index.ts';
import { answersTo } from './ask.ts';

const virtualService = (spec: string, metadata = '{name: shop}'): string =>
  `apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: ${metadata}\nspec: ${spec}\n`;
const route = (spec: string): string =>
  `apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: shop}\nspec: ${spec}\n`;

describe('fields that the API server does not know', () => {
  test('are told with the name that may be meant, at their own place, and end the check', async () => {
    expect(await answersTo(virtualService('{hosts: 3, http: [{retries: {per_try_timeout: 2s}}]}'))).toEqual([
      '4:36 error spec.http[0].retries.per_try_timeout unknown field "spec.http[0].retries.per_try_timeout" (did you mean "perTryTimeout"?)',
    ]);
  });

  test('are warnings where nobody is strict, and the rest is checked without them', async () => {
    const said = await answersTo(virtualService('{hosts: 3, hots: [a]}'), { unknownFields: 'warn' });
    expect(said.map((one) => one.split(' ').slice(1, 3).join(' '))).toEqual([
      'error spec.hosts',
      'error Invalid',
      'warning spec.hots',
    ]);
  });

  test('are said to be of the experimental channel, if they are', async () => {
    const text = route('{rules: [{retry: {attempts: 2}}]}');
    expect(await answersTo(text)).toEqual([
      '4:17 error spec.rules[0].retry unknown field "spec.rules[0].retry": only the experimental channel of the Gateway API has it (--gateway-api-channel experimental)',
    ]);
    expect(await answersTo(text, { channel: 'experimental' })).toEqual([]);
  });

  test('stand in metadata too', async () => {
    expect(await answersTo(virtualService('{hosts: [a]}', '{name: shop, label: {a: b}}'))).toEqual([
      '3:24 error metadata.label unknown field "metadata.label" (did you mean "labels"?)',
    ]);
  });
});

describe('metadata of a wrong type', () => {
  const refused = 'VirtualService in version "v1" cannot be handled as a VirtualService: ';

  test.each<[metadata: string, said: string]>([
    [
      '{name: a, creationTimestamp: 5}',
      '3:40 error json: cannot unmarshal number into Go struct field ObjectMeta.creationTimestamp of type string',
    ],
    [
      '{name: a, managedFields: [{time: true}]}',
      '3:44 error json: cannot unmarshal bool into Go struct field ManagedFieldsEntry.managedFields.time of type string',
    ],
    // The first by the names of fields counts, but for a type that reads itself: it ends the reading.
    [
      '{name: 5, finalizers: [1]}',
      '3:34 error json: cannot unmarshal number into Go struct field ObjectMeta.finalizers of type string',
    ],
    [
      '{annotations: {a: 1}, creationTimestamp: yesterday}',
      '3:52 error parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday" as "2006"',
    ],
    ['5', '3:11 error json: cannot unmarshal number into Go value of type v1.ObjectMeta'],
  ])('%s', async (metadata, said) => {
    const [answer] = await answersTo(virtualService('{hosts: [a]}', metadata));
    expect(answer?.replace(refused, '')).toBe(said);
  });

  test('is none where it is of the right one', async () => {
    const metadata = '{name: a, creationTimestamp: null, generation: 1, managedFields: [{fieldsV1: {a: 1}}], labels: {a: null}}';
    expect(await answersTo(virtualService('{hosts: [a], http: [{route: [{destination: {host: a}}]}]}', metadata))).toEqual([]);
  });
});

describe('kinds that a cluster does not know', () => {
  const object = (apiVersion: string, kind: string): string =>
    `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: a}\nspec: {}\n`;

  test('are told with the versions that are served', async () => {
    expect(await answersTo(object('telemetry.istio.io/v2', 'Telemetry'))).toEqual([
      '1:13 error no matches for kind "Telemetry" in version "telemetry.istio.io/v2": it is served as telemetry.istio.io/v1, telemetry.istio.io/v1alpha1',
    ]);
  });

  test('are told with the kind or the group that may be meant', async () => {
    expect(await answersTo(object('networking.istio.io/v1', 'VirtualServce'))).toEqual([
      '2:7 error no matches for kind "VirtualServce" in version "networking.istio.io/v1" (did you mean "VirtualService"?)',
    ]);
    expect(await answersTo(object('istio.io/v1', 'VirtualService'))).toEqual([
      '2:7 error no matches for kind "VirtualService" in version "istio.io/v1" (did you mean "networking.istio.io/VirtualService"?)',
    ]);
  });

  test('that only the experimental channel has are no more than a note, unless it is said that the cluster has the other one', async () => {
    const text = object('gateway.networking.k8s.io/v1alpha2', 'UDPRoute');
    expect(await answersTo(text, { isChannelSure: false })).toEqual([expect.stringMatching(/^2:7 info no matches for kind/)]);
    expect(await answersTo(text)).toEqual([expect.stringMatching(/^2:7 error no matches for kind/)]);
  });

  test('of other groups are nobody’s matter', async () => {
    expect(await answersTo(object('example.com/v1', 'Gateway'))).toEqual([]);
    expect(await answersTo(object('rbac.authorization.k8s.io/v1', 'Role'))).toEqual([]);
    expect(await answersTo(object('networking.k8s.io/v1', 'NetworkPolicy'))).toEqual([]);
  });
});

describe('words of an enum', () => {
  test('are told with the one that may be meant', async () => {
    const text =
      'apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: a}\nspec: {mtls: {mode: strict}}\n';
    expect((await answersTo(text))[0]).toBe(
      '4:21 error spec.mtls.mode Unsupported value: "strict": supported values: "UNSET", "DISABLE", "PERMISSIVE", "STRICT" (did you mean "STRICT"?)',
    );
  });
});

describe('an object that is read', () => {
  const schema: Schema = {
    type: 'object',
    properties: {
      free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { known: { type: 'object' } } },
      lists: { type: 'array', items: { type: 'object', properties: { kind: { type: 'string', default: 'Service' } } } },
      none: { type: 'string', nullable: true },
      some: { type: 'string' },
    },
  };

  test('keeps what it does not know where the schema says so, and in the lists there', () => {
    const object = { free: { a: { b: 1 }, c: [{ d: 1 }], known: { e: 1 } } };
    expect(prepare(object, schema)).toEqual({
      value: { free: { a: { b: 1 }, c: [{ d: 1 }], known: {} } },
      unknown: [['free', 'known', 'e']],
    });
  });

  test('has its defaults, and no nulls that nothing allows', () => {
    const object = { lists: [{}, { kind: null }, { kind: 'Pod' }, null], none: null, some: null };
    expect(prepare(object, schema)).toEqual({
      value: { lists: [{ kind: 'Service' }, { kind: 'Service' }, { kind: 'Pod' }, null], none: null },
      unknown: [],
    });
  });

  test('may have names of members that every object has', () => {
    const object = JSON.parse('{"constructor": 1, "__proto__": {"polluted": true}}');
    expect(prepare(object, schema)).toEqual({ value: {}, unknown: [['constructor'], ['__proto__']] });
  });
});

describe('the definitions', () => {
  test('are there for every kind and version that a release of Istio serves, in one channel or the other', async () => {
    const missing: string[] = [];
    for (const release of await loadReleases()) {
      const definitions = await loadDefinitions(release.kinds, release, 'experimental');
      for (const { group, kind, versions } of release.kinds) {
        const served = definitions({ group, kind })?.versions;
        missing.push(
          ...versions.filter((version) => !served?.has(version)).map((version) => `${release.name} ${group}/${version} ${kind}`),
        );
      }
    }
    expect(missing).toEqual([]);
  });
});
