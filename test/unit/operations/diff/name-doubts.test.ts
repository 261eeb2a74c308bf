import { describe, expect, test } from 'vitest';
import { namespace, workload } from '../../../support/ambient-mesh.ts';
import { diffOf } from '../../../support/diff.ts';

/** Pods that ztunnel stands before, or that have sidecars: `client` and two servers. */
function mesh(services: string, isAmbient: boolean): string {
  const text = `${namespace('shop')}${workload('client', 'shop', { ip: 4 })}${workload('db', 'shop', { ip: 5 })}${workload('other', 'shop', { ip: 6 })}${services}`;
  return isAmbient ? text : text.replace('istio.io/dataplane-mode: ambient', 'istio-injection: enabled');
}

const service = (spec: string): string => `
---
apiVersion: v1
kind: Service
metadata: {name: named, namespace: shop}
spec: {${spec}}`;
const headless = (app: string, more = ''): string =>
  service(`clusterIP: None, selector: {app: ${app}}, ports: [{name: tcp, port: 8080}]${more}`);
const addressed = (name: string): string =>
  service('clusterIP: 10.96.5.5, selector: {app: db}, ports: [{name: tcp, port: 8080}]').replace('name: named', `name: ${name}`);
const portless = (app: string): string => service(`clusterIP: None, selector: {app: ${app}}`);
/** A StatefulSet behind the Service, whose pods are named under another or the same. */
const set = (serviceName: string, replicas = 1): string => `${headless('set')}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: set, namespace: shop}
spec:
  serviceName: ${serviceName}
  replicas: ${replicas}
  selector: {matchLabels: {app: set}}
  template:
    metadata: {labels: {app: set}}
    spec: {containers: [{name: c, image: i, ports: [{containerPort: 8080}]}]}`;
const alias = (name: string, more = ''): string => service(`type: ExternalName, externalName: ${name}${more}`);

interface NameDoubt {
  readonly from: { readonly kind: string };
  readonly what?: readonly string[];
}

/** The exit status of `--equal`, whether a request is told to end otherwise, and what is not known. */
async function equal(before: string, after: string, isAmbient: boolean) {
  const flags = ['--equal', ...(isAmbient ? ['--ambient'] : [])];
  const sides = [before, after].map((text) => ({ 'mesh.yaml': mesh(text, isAmbient) })) as [object, object];
  const { exitCode, report } = await diffOf({ ...sides[0] }, { ...sides[1] }, flags);
  const { proof } = report.requests as { readonly proof?: { readonly doubts: readonly NameDoubt[] } };
  const { doubts = [] } = proof ?? {};
  // Whoever asks for a name gets the same answer.
  expect(new Set(doubts.map(({ from }) => from.kind))).toEqual(new Set(doubts.length > 0 ? ['anybody'] : []));
  return { exitCode, unknown: doubts.flatMap(({ what = [] }) => what) };
}

const unproven = { exitCode: 1, unknown: ['what DNS answers for Service shop/named'] };
const proven = { exitCode: 0, unknown: [] };

describe.each([
  ['ambient mode', true],
  ['sidecars', false],
])('names that DNS answers otherwise, with %s', (_, isAmbient) => {
  test.each([
    ['another name becomes yet another', alias('old.example'), alias('new.example')],
    ['another name goes', alias('old.example'), ''],
    ['another name comes', '', alias('new.example')],
    ['a headless Service goes', headless('db'), ''],
    ['a headless Service leads to other pods', headless('db'), headless('other')],
    ['a headless Service leads to nobody', headless('db'), headless('nobody')],
    ['a headless Service becomes another name', headless('db'), alias('new.example')],
    ['a headless Service without ports leads to other pods', portless('db'), portless('other')],
    ['pods of a StatefulSet get names of their own', set('elsewhere'), set('named')],
    ['a StatefulSet has fewer pods', set('named', 2), set('named')],
  ])('are not proven to lead requests as before: %s', async (_name, before, after) => {
    expect(await equal(before, after, isAmbient)).toEqual(unproven);
  });

  test.each([
    ['a name that is written otherwise', alias('old.example'), alias('old.example.')],
    ['pods that select nothing without ports', portless('nobody'), portless('neither')],
    ['a StatefulSet of which nobody asks for pods', set('elsewhere'), set('nowhere')],
    ['a label', headless('db'), headless('db').replace('name: named,', 'name: named, labels: {team: a},')],
    ['one that nobody answers for', headless('nobody'), headless('neither')],
    ['a name without a port', alias('old.example'), alias('old.example', ', ports: [{name: tcp, port: 80}]')],
  ])('of the same answer are proven: %s', async (_name, before, after) => {
    expect(await equal(before, after, isAmbient)).toEqual(proven);
  });

  test('are not proven to lead requests as before where a Service leaves its address to one of another name', async () => {
    expect(await equal(addressed('named'), addressed('renamed'), isAmbient)).toEqual({
      exitCode: 1,
      unknown: expect.arrayContaining([...unproven.unknown, 'what DNS answers for Service shop/renamed']),
    });
    expect(await equal(addressed('named'), addressed('named'), isAmbient)).toEqual(proven);
  });
});
