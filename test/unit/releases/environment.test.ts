import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { singleCluster } from '../../../src/model/mesh-input.ts';
import { compatibilityProfile, compatibilityVersions } from '../../../src/releases/environment/compatibility.ts';
import { inEnvironment } from '../../../src/releases/environment/environment.ts';
import { flags } from '../../../src/releases/environment/flags.ts';
import { switchReaders } from '../../../src/releases/environment/readers.ts';
import { readValue } from '../../../src/releases/environment/values.ts';
import { defaultRelease, loadReleases } from '../../../src/releases/index.ts';
import type { Release } from '../../../src/releases/release.ts';
import { defaultSwitches, type Switches } from '../../../src/releases/switches.ts';

const environment = (variables: Readonly<Record<string, string>>) =>
  inEnvironment(defaultRelease, new Map(Object.entries(variables)));
const remarksIn = (release: Release, variables: Readonly<Record<string, string>>) =>
  inEnvironment(release, new Map(Object.entries(variables))).remarks;
const remarksOn = (variables: Readonly<Record<string, string>>) => environment(variables).remarks;

describe('values', () => {
  test('of booleans are those of strconv.ParseBool', () => {
    expect(['1', 't', 'T', 'true', 'TRUE', 'True'].map((text) => readValue('boolean', text))).not.toContain(false);
    expect(['0', 'f', 'F', 'false', 'FALSE', 'False'].map((text) => readValue('boolean', text))).not.toContain(true);
    expect(['', 'yes', 'on', 'tRUE', ' true'].map((text) => readValue('boolean', text))).toEqual(Array(5).fill(undefined));
  });

  test('of numbers and durations are in the form that proxies get', () => {
    expect([readValue('integer', '-1'), readValue('integer', '1.5'), readValue('integer', '')]).toEqual([
      -1,
      undefined,
      undefined,
    ]);
    expect([readValue('unsigned', '0'), readValue('unsigned', '-1'), readValue('unsigned', '4294967296')]).toEqual([
      0,
      undefined,
      undefined,
    ]);
    expect([readValue('number', '25'), readValue('number', '.5'), readValue('number', '5%')]).toEqual([25, 0.5, undefined]);
    expect([readValue('duration', '250ms'), readValue('duration', '0'), readValue('duration', '5')]).toEqual([
      '0.250s',
      '0s',
      undefined,
    ]);
  });
});

describe('a release in an environment', () => {
  test('has other behaviours, and nothing else is different', () => {
    const { release, remarks, effective } = environment({ PILOT_HTTP10: 'true' });
    expect(release).toEqual({ ...defaultRelease, behaviours: { ...defaultRelease.behaviours, http10: true } });
    expect({ remarks, effective }).toEqual({ remarks: [], effective: ['PILOT_HTTP10'] });
  });

  test('keeps its default where a value cannot be read, or is out of range', () => {
    const { release, remarks } = environment({ PILOT_HTTP10: 'yes', PILOT_TRACE_SAMPLING: '101' });
    expect(release).toEqual(defaultRelease);
    expect(remarks.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'unreadable PILOT_HTTP10',
      'unreadable PILOT_TRACE_SAMPLING',
    ]);
  });

  test('sorts additional labels, each once', () => {
    const { behaviours } = environment({ PILOT_MX_ADDITIONAL_LABELS: 'b,a,b' }).release;
    expect(behaviours.mxAdditionalLabels).toEqual(['a', 'b']);
  });

  test('says what does nothing, and why', () => {
    expect(remarksOn({ PILOT_HTTP_10: 'true', WHATEVER_ELSE: '1', VERIFY_CERT_AT_CLIENT: 'true' })).toEqual([
      { name: 'PILOT_HTTP_10', kind: 'unknown', nearest: 'PILOT_HTTP10', isGone: false },
      { name: 'VERIFY_CERT_AT_CLIENT', kind: 'unknown', nearest: undefined, isGone: true },
      { name: 'WHATEVER_ELSE', kind: 'unknown', nearest: undefined, isGone: false },
    ]);
    expect(remarksOn({ PILOT_ENABLE_STRICT_GATEWAY_MERGING: 'false' })).toEqual([
      { name: 'PILOT_ENABLE_STRICT_GATEWAY_MERGING', kind: 'absent', release: '1.30', since: '1.31' },
    ]);
    expect(remarksOn({ PILOT_PREFER_SENDING_HBONE: 'true' })).toMatchObject([{ kind: 'needs', other: 'PILOT_ENABLE_AMBIENT' }]);
    expect(remarksOn({ ENABLE_MCS_HOST: 'true' })).toMatchObject([{ kind: 'needs', other: 'ENABLE_MCS_SERVICE_DISCOVERY' }]);
    expect(remarksOn({ PILOT_PUSH_THROTTLE: '5', ENABLE_NATIVE_SIDECARS: 'true' })).toMatchObject([
      { kind: 'elsewhere', effect: 'injection' },
      { kind: 'elsewhere', effect: 'istiod' },
    ]);
  });

  test('says what changes proxies and is not computed, but not of a value that is the default', () => {
    expect(remarksOn({ ENABLE_MCS_SERVICE_DISCOVERY: 'true' })).toMatchObject([
      { name: 'ENABLE_MCS_SERVICE_DISCOVERY', kind: 'uncomputed' },
    ]);
    expect(remarksOn({ ENABLE_MCS_SERVICE_DISCOVERY: 'true', ENABLE_MCS_HOST: 'true' })).toHaveLength(2);
    expect(remarksOn({ ENABLE_MCS_HOST: '0', CLUSTER_ID: 'Kubernetes', POD_NAME: 'istiod-0' })).toEqual([]);
  });
});

describe('the cluster that istiod is in', () => {
  test('is the name that proxies and endpoints have', () => {
    const { release } = environment({ CLUSTER_ID: 'east' });
    expect(singleCluster([], {}, undefined, release).clusters.map(({ name }) => name)).toEqual(['east']);
    expect(singleCluster([]).clusters.map(({ name }) => name)).toEqual(['Kubernetes']);
  });
});

describe('compatibility profiles', () => {
  test('go back to every release that the charts know, and put what has changed since into the environment', () => {
    expect(compatibilityVersions(defaultRelease)).toEqual(['1.25', '1.26', '1.27', '1.28', '1.29']);
    expect(compatibilityProfile(defaultRelease, '1.29')).toEqual({ PILOT_SIDECAR_PICK_BEST_SERVICE_NAMESPACE: 'false' });
    expect(Object.keys(compatibilityProfile(defaultRelease, '1.26') ?? {})).toHaveLength(5);
    expect(compatibilityProfile(defaultRelease, '1.30')).toBeUndefined();
  });
});

describe('the table of variables', () => {
  test('has a default that can be read for each', () => {
    expect([...flags.values()].filter(({ kind, standard }) => readValue(kind, standard) === undefined)).toEqual([]);
  });

  test('knows every variable that mesh computes, as one that changes what proxies or ztunnels are sent, by the same default', async () => {
    const releases = await loadReleases();
    const computed = Object.keys(switchReaders).map((name) => flags.get(name));
    expect(computed.filter((flag) => flag?.effect !== 'proxies' && flag?.effect !== 'ambient')).toEqual([]);
    for (const release of releases) {
      const known = computed.filter(
        (flag) => flag !== undefined && remarksIn(release, { [flag.name]: flag.standard }).length === 0,
      );
      const defaults = new Map(known.flatMap((flag) => (flag ? [[flag.name, flag.standard] as const] : [])));
      expect(inEnvironment(release, defaults)).toMatchObject({ remarks: [], effective: [] });
    }
    const absent = computed.filter(
      (flag) => flag && releases.every((release) => remarksIn(release, { [flag.name]: flag.standard }).length > 0),
    );
    expect(absent).toEqual([]);
  });
});

describe('switches', () => {
  const root = resolve(import.meta.dirname, '../../../src');
  const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.startsWith('releases'))
    .map((name) => readFileSync(join(root, name), 'utf8'))
    .join('\n');
  const names = Object.keys(defaultSwitches) as (keyof Switches)[];

  test('are read where their rules live', () => {
    expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(sources))).toEqual([]);
  });

  test('are set by a variable', () => {
    const values = [true, 1, 'x', '1s'];
    const set = new Set(
      Object.values(switchReaders).flatMap((read) => values.flatMap((value) => Object.keys(read(value) ?? {}))),
    );
    expect(names.filter((name) => !set.has(name))).toEqual([]);
  });
});
