import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createSession, type Session } from '../../../../src/compile/session.ts';
import type { Diagnostic } from '../../../../src/diagnostics/diagnostic.ts';
import { verifyMesh } from '../../../../src/findings/compiled/compiled-findings.ts';
import { effectiveConfig, meshConfigFile } from '../../../../src/input/istiod-config.ts';
import { meshInputOf } from '../../../../src/input/load.ts';
import { buildMesh } from '../../../../src/model/build-mesh.ts';
import { defaultRelease } from '../../../../src/releases/index.ts';
import { formatPath } from '../../../../src/resource/shape.ts';
import { parseText } from '../../../../src/source/parse.ts';
import type { DataPlane } from '../../../../src/trace/data-plane.ts';
import { unknownServers } from '../../../../src/trace/servers/unknown.ts';
import { createDataPlane } from '../../../../src/workbench/data-plane.ts';
import { refusedCases } from '../../../support/refused-cases.ts';
import { resourcesOfYaml } from '../../../support/resources.ts';

const fixtures = resolve(import.meta.dirname, '../../../../fixtures/refused');

/** What is found in a folder of fixtures/refused that Envoy would refuse. */
function findingsIn(name: string, side: 'refused' | 'accepted'): readonly Diagnostic[] {
  const read = (file: string): string | undefined => {
    const path = join(fixtures, file);
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  };
  const resources = resourcesOfYaml([read('base.yaml'), read(`${name}/${side}.yaml`)].filter(Boolean).join('\n---\n'));
  const [document] = parseText('mesh.yaml', read(`${name}/${side}.mesh.yaml`) ?? '{}', () => {});
  const meshConfigSource = document && meshConfigFile(document, defaultRelease);
  const meshConfig = meshConfigSource === undefined ? {} : effectiveConfig(meshConfigSource, () => {}).body;
  const input = meshInputOf({ resources, meshConfig, meshConfigSource, meshNetworks: undefined, release: defaultRelease });
  const mesh = buildMesh(input);
  const dataPlaneOf = (session: Session): DataPlane => createDataPlane(session, { servers: unknownServers, now: 0 });
  const verified = { meshInput: input, mesh, session: createSession(mesh), dataPlaneOf };
  const findings = verifyMesh(verified, { verification: 'auto' });
  return findings.filter(({ severity }) => severity !== 'info');
}

describe('what Envoy refuses is found where it is written', () => {
  test('the table has every folder', () => {
    const folders = readdirSync(fixtures, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(refusedCases.map(({ name }) => name)).toEqual(folders.map(({ name }) => name).sort());
  });

  test.each(refusedCases)('$name', ({ name, code, kind, fields }) => {
    const found = findingsIn(name, 'refused').map((finding) => ({
      code: finding.code,
      kind: finding.resource?.kind,
      field: formatPath(finding.path ?? []),
    }));
    expect(found).toEqual(fields.map((field) => ({ code, kind, field })));
  });

  test.each(refusedCases)('$name: nothing is found in what Envoy accepts', ({ name }) => {
    expect(findingsIn(name, 'accepted')).toEqual([]);
  });
});
