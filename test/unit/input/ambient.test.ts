import { describe, expect, test } from 'vitest';
import type { Diagnostic } from '../../../src/diagnostics/diagnostic.ts';
import { releaseInAmbientMode } from '../../../src/input/ambient.ts';
import { readVariable } from '../../../src/input/istiod-environment.ts';
import { defaultRelease } from '../../../src/releases/index.ts';
import { parseText } from '../../../src/source/parse.ts';

interface Asked {
  readonly flag?: boolean;
  readonly configured?: boolean;
  readonly variable?: string;
  readonly isOnBefore?: boolean;
}

function decide(yaml: string, { flag, configured, variable, isOnBefore = false }: Asked = {}) {
  const said: Diagnostic[] = [];
  const report = (diagnostic: Diagnostic) => void said.push(diagnostic);
  const before = { ...defaultRelease, behaviours: { ...defaultRelease.behaviours, enableAmbient: isOnBefore } };
  const flags = variable === undefined ? [] : [readVariable(`PILOT_ENABLE_AMBIENT=${variable}`)];
  const istiod = { configured: [], flags, compatibilityVersion: undefined };
  const release = releaseInAmbientMode(before, { flag, configured }, istiod, parseText('m.yaml', yaml, report), report);
  return { isOn: release.behaviours.enableAmbient, said: said.map(({ message }) => message) };
}

const plain = 'kind: Namespace\nmetadata: {name: shop}';
const labelled = 'kind: Namespace\nmetadata: {name: shop, labels: {istio.io/dataplane-mode: ambient}}';

describe('ambient mode', () => {
  test('is never on without a reason, and then in silence', () => {
    expect(decide(plain)).toEqual({ isOn: false, said: [] });
    expect(decide(labelled.replace('mode: ambient', 'mode: none'))).toEqual({
      isOn: false,
      said: [],
    });
  });

  test.each([
    ['a Namespace', labelled, 'Namespace shop has the label istio.io/dataplane-mode: ambient'],
    ['a Pod', labelled.replace('Namespace', 'Pod'), 'Pod shop has the label istio.io/dataplane-mode: ambient'],
    ['a waypoint', 'kind: Gateway\nmetadata: {name: w}\nspec: {gatewayClassName: istio-waypoint}', 'Gateway w is a waypoint'],
  ])('is on by %s, which is said', (_, yaml, why) => {
    expect(decide(yaml)).toEqual({ isOn: true, said: [`ambient mode is on: ${why}`] });
  });

  test('is what the flag says, else mesh.config.yaml, else the environment of istiod', () => {
    expect(decide(labelled, { flag: false, configured: true }).isOn).toBe(false);
    expect(decide(plain, { flag: true }).said).toEqual(['ambient mode is on: --ambient says so']);
    expect(decide(labelled, { configured: false }).isOn).toBe(false);
    expect(decide(labelled, { variable: 'false' })).toEqual({ isOn: false, said: [] });
    expect(decide(plain, { variable: 'true', isOnBefore: true }).said).toEqual([
      "ambient mode is on: istiod's environment has PILOT_ENABLE_AMBIENT",
    ]);
  });
});
