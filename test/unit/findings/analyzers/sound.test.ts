import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { analyzers } from '../../../../src/findings/analyzers/index.ts';
import { createReader, type Reader } from '../../../../src/findings/analyzers/support/reader.ts';
import { runAnalyzers } from '../../../../src/findings/analyzers/support/run.ts';
import { buildMesh } from '../../../../src/model/build-mesh.ts';
import { singleCluster } from '../../../../src/model/mesh-input.ts';
import { defaultRelease } from '../../../../src/releases/index.ts';
import { completeResources } from '../../../../src/resource/complete.ts';
import { decodeDocuments } from '../../../../src/resource/decode.ts';
import { parseText } from '../../../../src/source/parse.ts';

const folder = resolve(import.meta.dirname, '../../../../fixtures/analyze/sound');

/** fixtures/analyze/sound holds every kind that analyzers read, and nothing that they report. */
describe('a sound system', () => {
  let reader: Reader;
  beforeAll(() => {
    const documents = ['platform.yaml', 'shop.yaml'].flatMap((name) =>
      parseText(name, readFileSync(join(folder, name), 'utf8'), (found) => expect(found).toBeUndefined()),
    );
    const resources = decodeDocuments(documents, { release: defaultRelease, namespace: 'default' }, (found) =>
      expect(found).toBeUndefined(),
    );
    const meshConfig = { defaultProviders: { accessLogging: ['envoy'] } };
    reader = createReader({
      release: defaultRelease,
      resources,
      meshConfig,
      meshNetworks: { networks: { north: { endpoints: [{ fromRegistry: 'Kubernetes' }] } } },
      now: Date.parse('2027-01-01T00:00:00Z'),
      buildMesh: () =>
        buildMesh(
          singleCluster(
            completeResources(resources, () => {}),
            meshConfig,
          ),
        ),
    });
  });

  test.each(analyzers.filter(({ isOptional }) => !isOptional).map((analyzer) => [analyzer.name, analyzer] as const))(
    '%s has all that it reads, and nothing to say',
    (_, analyzer) => {
      expect(analyzer.reads.filter((kind) => reader.list(kind).length === 0)).toEqual([]);
      const findings = runAnalyzers(reader, [analyzer]).map(({ diagnostic }) => diagnostic);
      // Istio warns of each EnvoyFilter.
      const serious = findings.filter(({ code, resource }) => !(code === 'IST0133' && resource?.kind === 'EnvoyFilter'));
      expect(serious.map(({ code, message, resource }) => `${code} ${resource?.kind} ${resource?.name}: ${message}`)).toEqual([]);
    },
  );
});
