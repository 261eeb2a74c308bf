import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadDefinitions } from '../../../../src/admission/api-server/definitions.ts';
import { kindNamed } from '../../../../src/admission/api-server/kinds.ts';
import { checkListTypes } from '../../../../src/admission/api-server/list-types.ts';
import { checkObjectMeta, isSoundMetadata, readMetadata } from '../../../../src/admission/api-server/metadata.ts';
import { prepare } from '../../../../src/admission/api-server/prepare.ts';
import { createSoundnessTest } from '../../../../src/admission/api-server/soundness.ts';
import { checkStructure } from '../../../../src/admission/api-server/structure.ts';
import { defaultRelease } from '../../../../src/releases/index.ts';
import { splitApiVersion } from '../../../../src/resource/kinds.ts';
import { parseText } from '../../../../src/source/parse.ts';
import { fieldsOf, isObject, stringOf } from '../../../../src/util/object.ts';

const recorded = readFileSync(join(import.meta.dirname, '../../../../fixtures/admission/custom-resources.jsonl'), 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as { readonly name: string; readonly yaml: string });

describe('an object that is taken for sound', () => {
  test('is one that preparing leaves as it is and of which no check says anything', async () => {
    const documents = recorded.flatMap(({ yaml }) => parseText('m.yaml', yaml, () => {}));
    const definitions = await loadDefinitions(documents.map(kindNamed), defaultRelease, 'experimental');
    const isSound = createSoundnessTest();
    let sound = 0;
    for (const document of documents) {
      const object = fieldsOf(document.value);
      const { version } = splitApiVersion(stringOf(object.apiVersion));
      const schema = definitions(kindNamed(document))?.versions.get(version)?.schema;
      if (schema === undefined || !isObject(document.value) || !isSound(schema, object)) continue;
      sound += 1;
      const { apiVersion, kind, metadata, ...written } = object;
      expect(prepare(written, schema)).toEqual({ value: written, unknown: [] });
      expect([...checkStructure(written, schema), ...checkListTypes(written, schema)]).toEqual([]);
    }
    expect(sound).toBeGreaterThan(150);
  });

  test.each([
    { name: 'a', labels: { app: 'a' }, annotations: { 'example.com/Note': 'x' } },
    { name: 'a.b', namespace: 'c' },
    { name: 'a', labels: { 'not a key': 'a' } },
    { name: 'a', labels: { app: 'not a value' } },
    { name: 'a', labels: { app: 1 } },
    { name: 'a', namespace: 'A' },
    { name: 'a', annotations: { '/x': '' } },
    { name: 'a', annotations: { x: 'y'.repeat(300_000) } },
    { name: 'a', namespace: 'a.b' },
    { name: 'A' },
    { name: '' },
    { generateName: 'a-' },
    { name: 'a', unknown: 1 },
    { name: 'a', finalizers: ['no'] },
    {},
  ])('has metadata of which nothing is said: %o', (metadata) => {
    const { problem, unknown } = readMetadata(metadata);
    const isFine = problem === undefined && unknown.length === 0 && [...checkObjectMeta(metadata)].length === 0;
    if (!isFine) expect(isSoundMetadata(metadata)).toBe(false);
    else if (!('generateName' in metadata || 'finalizers' in metadata)) expect(isSoundMetadata(metadata)).toBe(true);
  });
});
