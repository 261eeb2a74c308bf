import { describe, expect, test } from 'vitest';
import type { Diagnostic } from '../../../src/diagnostics/diagnostic.ts';
import { isInAmbientMode } from '../../../src/input/ambient.ts';
import { readVariable, releaseInEnvironment } from '../../../src/input/istiod-environment.ts';
import { defaultRelease } from '../../../src/releases/index.ts';
import { parseText } from '../../../src/source/parse.ts';

interface Asked {
  readonly flag?: boolean;
  readonly configured?: boolean;
  readonly variable?: string;
}

function decide(yaml: string, { flag, configured, variable }: Asked = {}) {
  const said: Diagnostic[] = [];
  const report = (diagnostic: Diagnostic) => void said.push(diagnostic);
  const flags = variable === undefined ? [] : [readVariable(`PILOT_ENABLE_AMBIENT=${variable}`)];
  const istiod = { configured: [], flags, compatibilityVersion: undefined };
  const isOn = isInAmbientMode({ flag, configured }, istiod, parseText('m.yaml', yaml, report), report);
  return { isOn, said: said.map(({ message }) => message) };
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
    expect(decide(plain, { variable: 'true' }).said).toEqual([
      "ambient mode is on: istiod's environment has PILOT_ENABLE_AMBIENT",
    ]);
  });
});

describe('variables that do something in ambient mode only', () => {
  const said = async (yaml: string, flag: boolean | undefined, ...variables: readonly string[]) => {
    const found: Diagnostic[] = [];
    const report = (diagnostic: Diagnostic) => void found.push(diagnostic);
    const documents = parseText('m.yaml', yaml, report);
    const istiod = { configured: [], flags: variables.map(readVariable), compatibilityVersion: undefined };
    const isOn = isInAmbientMode({ flag, configured: undefined }, istiod, documents, () => {});
    const { behaviours } = await releaseInEnvironment(defaultRelease, istiod, documents, report, isOn);
    return {
      isOn: behaviours.enableAmbient,
      prefers: behaviours.preferSendingHbone,
      said: found.map(({ code, message }) => `${code} ${message}`),
    };
  };
  const PREFER = 'PILOT_PREFER_SENDING_HBONE=true';

  test.each([
    ['the flag', plain, true],
    ['a manifest', labelled, undefined],
  ])('count where it is on by %s', async (_, yaml, flag) => {
    expect(await said(yaml, flag, PREFER)).toEqual({ isOn: true, prefers: true, said: [] });
  });

  test.each([
    ['nothing asks for it', plain, undefined, [PREFER]],
    ['the flag turns it off', labelled, false, [PREFER, 'PILOT_ENABLE_AMBIENT=true']],
  ])('do nothing where %s', async (_, yaml, flag, variables) => {
    expect(await said(yaml, flag, ...variables)).toEqual({
      isOn: false,
      prefers: false,
      said: ['MESH0063 PILOT_PREFER_SENDING_HBONE changes nothing: it does something with PILOT_ENABLE_AMBIENT=true only'],
    });
  });

  test('are named where they are not computed', async () => {
    expect((await said(plain, true, 'PILOT_ENABLE_AMBIENT_WAYPOINTS=false')).said).toEqual([
      'MESH0064 PILOT_ENABLE_AMBIENT_WAYPOINTS (controllers of waypoints) is not computed: the output is that of istiod without it',
    ]);
    expect((await said(plain, true, 'PILOT_ENABLE_AMBIENT_WAYPOINTS=true')).said).toEqual([]);
  });
});
