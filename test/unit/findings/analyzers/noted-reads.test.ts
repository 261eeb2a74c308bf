import { expect, test } from 'vitest';
import type { Analyzer } from '../../../../src/findings/analyzers/support/analyzer.ts';
import { createReader } from '../../../../src/findings/analyzers/support/reader.ts';
import { runAnalyzers } from '../../../../src/findings/analyzers/support/run.ts';
import { inputOfTexts, meshInputOf } from '../../../../src/input/load.ts';
import { buildMesh } from '../../../../src/model/build-mesh.ts';
import { defaultRelease } from '../../../../src/releases/index.ts';
import type { Resource } from '../../../../src/resource/resource.ts';
import { createAgain } from '../../../../src/util/again.ts';

const manifest = (kind: string, name: string, spec: object): string =>
  JSON.stringify({
    apiVersion: kind === 'Service' ? 'v1' : 'networking.istio.io/v1',
    kind,
    metadata: { name, namespace: 'shop' },
    spec,
  });
const resourceOf = (kind: string, name: string, spec: object): Resource => {
  const [resource] = inputOfTexts([{ file: `${name}.yaml`, text: manifest(kind, name, spec) }]).written;
  if (resource === undefined) throw new TypeError(`no ${kind}`);
  return resource;
};

const service = resourceOf('Service', 'web', { ports: [{ port: 80 }] });
const rule = resourceOf('DestinationRule', 'web', { host: 'web' });
const route = resourceOf('VirtualService', 'web', { hosts: ['web'], http: [{ route: [{ destination: { host: 'web' } }] }] });
const otherRoute = resourceOf('VirtualService', 'web', { hosts: ['web'], http: [{ redirect: { uri: '/' } }] });
const otherRule = resourceOf('DestinationRule', 'web', { host: 'other' });

/** How often an analyzer runs over states of an input, one after the other. */
function runsOf(run: Analyzer['run'], ...states: readonly (readonly Resource[])[]): number {
  let runs = 0;
  const analyzer: Analyzer = {
    name: 'counting',
    about: '',
    reads: [],
    codes: [],
    run(reader, report) {
      runs++;
      run(reader, report);
    },
  };
  const again = createAgain();
  const meshConfig = {};
  for (const resources of states) {
    const input = { ...inputOfTexts([]), meshConfig, resources };
    const mesh = (): ReturnType<typeof buildMesh> => buildMesh(meshInputOf(input), again);
    const reader = createReader({ release: defaultRelease, resources, meshConfig, now: 0, again, buildMesh: mesh });
    runAnalyzers(reader, [analyzer], again);
  }
  return runs;
}

const before = [service, rule, route];

test('an analyzer runs again when a kind that it reads has changed, and only then', () => {
  expect(runsOf((reader) => void reader.list('VirtualService'), before, [service, rule, otherRoute])).toBe(2);
  expect(runsOf((reader) => void reader.find('VirtualService', 'a', 'b'), before, [service, rule, otherRoute])).toBe(2);
  expect(runsOf((reader) => void reader.list('Service'), before, [service, rule, otherRoute])).toBe(1);
  expect(runsOf((reader) => void reader.list('Gateway'), before, [service])).toBe(1);
});

test('who reads a part of the mesh runs again when that is another one, and only then', () => {
  expect(runsOf((reader) => void reader.mesh().destinationRules, before, [service, otherRule, route])).toBe(2);
  expect(runsOf((reader) => void reader.mesh().destinationRules, before, [service, rule, otherRoute])).toBe(1);
  expect(runsOf((reader) => void reader.mesh().registry, before, [service, otherRule, otherRoute])).toBe(1);
  expect(runsOf((reader) => void reader.mesh().registry, before, [rule, route])).toBe(2);
  expect(runsOf((reader) => void reader.traffic(), before, [service, otherRule, route])).toBe(1);
  expect(runsOf((reader) => void reader.traffic(), before, [service, rule, otherRoute])).toBe(2);
});

test('who reads all resources runs again after any change', () => {
  expect(runsOf((reader) => void reader.mesh().resources, before, [service, otherRule, route])).toBe(2);
});
