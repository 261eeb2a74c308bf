import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { CORE_SCHEMA, loadAll } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { decidingPart } from '../scripts/lib/deciding-part.mjs';
import { isObject } from '../src/util/object.ts';

const folder = resolve(import.meta.dirname, '../schemas/istio');
const recorded = resolve(import.meta.dirname, '../fixtures/istiod');
const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true, formats: { 'date-time': true } });
for (const file of readdirSync(folder)) ajv.addSchema(JSON.parse(readFileSync(join(folder, file), 'utf8')));

function complaints(manifest: Readonly<Record<string, unknown>>): string[] {
  const validate = ajv.getSchema(`${manifest.kind}.schema.json`);
  if (validate === undefined) return [];
  validate(manifest);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

const manifest = (kind: string, spec: object): Record<string, unknown> => ({
  apiVersion: 'networking.istio.io/v1',
  kind,
  metadata: { name: 'reviews' },
  spec,
});

describe('the JSON Schemas of Istio', () => {
  test('accept what istiod accepted', () => {
    const refused = readdirSync(recorded, { recursive: true, encoding: 'utf8' })
      .filter((file) => /manifests\/.*\.yaml$/.test(file))
      .flatMap((file) =>
        loadAll(readFileSync(join(recorded, file), 'utf8'), { schema: CORE_SCHEMA })
          .filter(isObject)
          .filter(({ apiVersion }) => typeof apiVersion === 'string' && apiVersion.includes('istio.io'))
          .flatMap((document) => complaints(document).map((complaint) => `${file}: ${complaint}`)),
      );
    // Two cases were given to istiod without an API server in front, which demands a name of each port.
    expect(refused).toEqual(
      ['istiod-leak-boolvalue-merge', 'metadata-client-certs'].map(
        (name) => `${name}/manifests/30-istio.yaml: /spec/ports/0 must have required property 'name'`,
      ),
    );
  });

  test.each([
    ['VirtualService', { hosts: ['reviews'], http: [{ timeuot: '1s' }] }, '/spec/http/0 must NOT have additional properties'],
    ['VirtualService', { http: [{ timeout: 'soon' }] }, '/spec/http/0/timeout must match pattern'],
    [
      'VirtualService',
      { http: [{ match: [{ uri: { exact: '/', prefix: '/' } }] }] },
      '/spec/http/0/match/0/uri must match exactly one',
    ],
    ['DestinationRule', { trafficPolicy: {} }, "/spec must have required property 'host'"],
    [
      'DestinationRule',
      { host: 'a', trafficPolicy: { tls: { mode: 'TLS' } } },
      '/spec/trafficPolicy/tls/mode must be equal to one of',
    ],
    ['ServiceEntry', { hosts: ['a.example'], ports: [{ number: 70000, name: 'http' }] }, '/spec/ports/0/number must be <= 65535'],
  ])('%s %j is refused', (kind, spec, complaint) => {
    expect(complaints(manifest(kind, spec)).join('\n')).toContain(complaint);
  });

  test('say in a line what each field means', () => {
    const undescribed = readdirSync(folder).flatMap((file) => {
      const { $defs } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as { $defs: Record<string, unknown> };
      return Object.entries($defs).filter(([, schema]) => !isObject(schema) || typeof schema.description !== 'string');
    });
    expect(undescribed).toEqual([]);
  });
});

describe('what scripts/describe-crds.mjs keeps of a definition', () => {
  const schema = (rule: object) => ({
    type: 'object',
    properties: { a: { type: 'string', 'x-kubernetes-validations': [rule] } },
  });

  test('is what decides', () => {
    const rule = { rule: 'self != ""', message: 'must not be empty' };
    expect(decidingPart({ ...schema(rule), description: 'for people' })).toEqual(schema(rule));
  });

  test.each(['messageExpression', 'fieldPath', 'reason', 'optionalOldSelf'])(
    'a rule with %s is refused, since mesh would pass over it',
    (key) => {
      expect(() => decidingPart(schema({ rule: 'true', [key]: 'x' }))).toThrow(`nobody has looked at ${key}`);
    },
  );
});
