import { describe, expect, test } from 'vitest';
import type { Diagnostic } from '../../../src/diagnostics/diagnostic.ts';
import { controlPlaneOf } from '../../../src/input/control-plane.ts';
import { type IstiodSettings, readVariable, releaseInEnvironment } from '../../../src/input/istiod-environment.ts';
import { defaultRelease } from '../../../src/releases/index.ts';
import { parseText } from '../../../src/source/parse.ts';

const documentsOf = (text: string) => parseText('istiod.yaml', text, () => {});

/** What comes of manifests and flags: the behaviours that are not the default's, and what is said. */
async function asked(
  text: string,
  { flags = [], compatibilityVersion }: { flags?: readonly string[]; compatibilityVersion?: string } = {},
) {
  const said: Diagnostic[] = [];
  const settings: IstiodSettings = { configured: [], flags: flags.map(readVariable), compatibilityVersion };
  const release = await releaseInEnvironment(defaultRelease, settings, documentsOf(text), (found) => void said.push(found));
  const behaviours = Object.entries(release.behaviours).filter(
    ([name, value]) => value !== defaultRelease.behaviours[name as keyof typeof defaultRelease.behaviours],
  );
  return { behaviours: Object.fromEntries(behaviours), said: said.map(({ code, message }) => `${code} ${message}`) };
}

const deployment = (env: string, name = 'istiod'): string => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: istio-system}
spec:
  template:
    metadata: {labels: {app: istiod}}
    spec: {containers: [{name: discovery, env: [${env}]}]}
`;

describe('the environment of istiod', () => {
  test('is that of the Deployment among the manifests, which is said once', async () => {
    const { behaviours, said } = await asked(
      deployment('{name: PILOT_HTTP10, value: "true"}, {name: POD_NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}'),
    );
    expect(behaviours).toEqual({ http10: true });
    expect(said).toEqual(['MESH0060 istiod runs as Deployment istio-system/istiod says: PILOT_HTTP10=true']);
  });

  test('says nothing of an istiod with the usual environment', async () => {
    const usual =
      '{name: REVISION, value: default}, {name: PILOT_TRACE_SAMPLING, value: "1"}, {name: PILOT_PUSH_THROTTLE, value: "9"}';
    expect(await asked(deployment(usual))).toEqual({ behaviours: {}, said: [] });
  });

  test('is the word of flags before that of the manifests', async () => {
    const { behaviours, said } = await asked(deployment('{name: PILOT_HTTP10, value: "true"}'), {
      flags: ['PILOT_HTTP10=false'],
    });
    expect({ behaviours, said }).toEqual({ behaviours: {}, said: [] });
  });

  test('of the default revision counts before those of others', () => {
    const text = `${deployment('', 'istiod-canary')}---${deployment('')}`;
    expect(controlPlaneOf(documentsOf(text))?.label).toBe('Deployment istio-system/istiod');
  });

  test('can stand in the values of an IstioOperator, a HelmRelease, an Application or an Istio', async () => {
    const values = 'values: {pilot: {env: {PILOT_HTTP10: true}, traceSampling: 25}, compatibilityVersion: "1.28"}';
    const kinds = [
      `kind: IstioOperator\nmetadata: {name: a}\nspec: {${values}}`,
      `kind: Istio\nmetadata: {name: a}\nspec: {${values}}`,
      `kind: HelmRelease\nmetadata: {name: a}\nspec: {chart: {spec: {chart: istiod}}, ${values}}`,
      `kind: Application\nmetadata: {name: a}\nspec: {source: {chart: istiod, helm: {valuesObject: {env: {PILOT_HTTP10: true}, traceSampling: 25, compatibilityVersion: "1.28"}}}}`,
    ];
    for (const text of kinds) {
      const { behaviours } = await asked(text);
      expect(behaviours).toMatchObject({ http10: true, traceSampling: 25, disableTrackRemainingCbMetrics: false });
    }
  });

  test('of another chart is none of istiod', async () => {
    const other =
      'kind: HelmRelease\nmetadata: {name: a}\nspec: {chart: {spec: {chart: gateway}}, values: {env: {PILOT_HTTP10: true}}}';
    expect(await asked(other)).toEqual({ behaviours: {}, said: [] });
  });

  test('can be that of a compatibility version, and single variables win over it', async () => {
    expect((await asked('', { compatibilityVersion: '1.27' })).behaviours).toMatchObject({
      disableTrackRemainingCbMetrics: false,
      disableShadowHostSuffix: false,
      spawnUpstreamSpanForGateway: false,
    });
    const flags = ['DISABLE_SHADOW_HOST_SUFFIX=true'];
    expect((await asked('', { compatibilityVersion: '1.27', flags })).behaviours).not.toHaveProperty('disableShadowHostSuffix');
    await expect(asked('', { compatibilityVersion: '1.31' })).rejects.toThrow('Istio 1.30 knows 1.25, 1.26, 1.27, 1.28, 1.29');
  });

  test('is its own where a flag names the release itself, also beside a chart that asks for a profile', async () => {
    const chart = 'apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nspec: {compatibilityVersion: "1.29"}';
    expect((await asked(chart)).behaviours).toEqual({ sidecarPickBestServiceNamespace: false });
    expect(await asked(chart, { compatibilityVersion: '1.30' })).toEqual({ behaviours: {}, said: [] });
  });

  test('is said to be ambient by the profile of that name', async () => {
    const chart = (spec: string) => `apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nspec: ${spec}`;
    const behaviours = async (spec: string) => (await asked(chart(spec))).behaviours;
    expect(await behaviours('{profile: ambient}')).toEqual({ enableAmbient: true });
    expect(await behaviours('{values: {profile: ambient}}')).toEqual({ enableAmbient: true });
    expect(await behaviours('{profile: ambient, values: {pilot: {env: {PILOT_ENABLE_AMBIENT: "false"}}}}')).toEqual({});
    expect(await behaviours('{profile: demo}')).toEqual({});
  });

  test("has the cluster's name of the chart", async () => {
    const chart =
      'apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nspec: {values: {global: {multiCluster: {clusterName: east}}}}';
    expect((await asked(chart)).behaviours).toEqual({ clusterId: 'east' });
    expect((await asked(chart.replace('east', '""'))).behaviours).toEqual({});
  });

  test('has mistakes told with what is in effect instead', async () => {
    const { said } = await asked(deployment('{name: PILOT_HTTP10, value: "yes"}, {name: PILOT_HTTP_10, value: "true"}'), {
      flags: ['ENABLE_MCS_SERVICE_DISCOVERY=true', 'PILOT_PUSH_THROTTLE=3'],
    });
    expect(said).toEqual([
      'MESH0064 ENABLE_MCS_SERVICE_DISCOVERY (endpoints of other clusters are seen only where a service is exported) is not computed: the output is that of istiod without it',
      'MESH0062 PILOT_HTTP10 is "yes"; it must be true or false, so istiod goes on with its default, false',
      'MESH0061 istiod knows no PILOT_HTTP_10, so that it does nothing (did you mean "PILOT_HTTP10"?)',
      'MESH0063 PILOT_PUSH_THROTTLE changes nothing: it is about how istiod works, not about what proxies are sent',
    ]);
  });

  test('whose value stands elsewhere is told of where it matters', async () => {
    const { said } = await asked(deployment('{name: PILOT_HTTP10, valueFrom: {configMapKeyRef: {name: a, key: b}}}'));
    expect(said).toEqual([
      'MESH0064 PILOT_HTTP10 (its value stands elsewhere) is not computed: the output is that of istiod without it',
    ]);
  });

  test('takes NAME=VALUE only', () => {
    expect(() => readVariable('PILOT_HTTP10')).toThrow('write NAME=VALUE');
    expect(readVariable('A=b=c')).toMatchObject({ name: 'A', value: 'b=c' });
  });
});
