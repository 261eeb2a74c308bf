import { describe, expect, test } from 'vitest';
import { authorizationPolicies } from '../../../../src/findings/analyzers/authorization-policies.ts';
import { destinationRuleSubsets } from '../../../../src/findings/analyzers/destination-rule-subsets.ts';
import type { Analyzer } from '../../../../src/findings/analyzers/support/analyzer.ts';
import { telemetryDefaults } from '../../../../src/findings/analyzers/telemetry-selectors.ts';
import { virtualServiceConflicts } from '../../../../src/findings/analyzers/virtual-service-conflicts.ts';
import { virtualServiceGateways } from '../../../../src/findings/analyzers/virtual-service-gateways.ts';
import { findingsOf } from './support.ts';

const resource = (apiVersion: string, kind: string, name: string, spec: string): string =>
  `\n---\napiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: ${name}, namespace: shop}\nspec: {${spec}}\n`;
const networking = (kind: string, name: string, spec: string): string => resource('networking.istio.io/v1', kind, name, spec);
const service = (name: string, spec: string): string =>
  resource('v1', 'Service', name, `${spec}, ports: [{name: http, port: 80}]`);
const levels = (analyzer: Analyzer, yaml: string): readonly string[] =>
  findingsOf(analyzer, yaml).map(({ severity, code }) => `${severity} ${code}`);

describe('what istioctl reports and works is a hint that says so', () => {
  const routes = (name: string, hosts: string): string =>
    networking('VirtualService', name, `hosts: [${hosts}], http: [{route: [{destination: {host: cart}}]}]`);

  test('a VirtualService that names one host twice', () => {
    const [finding] = findingsOf(virtualServiceConflicts, routes('cart', 'cart, cart.shop.svc.cluster.local'));
    expect(finding?.severity).toBe('info');
    expect(finding?.message).toContain('and works');
  });

  test('but not two VirtualServices for one host', () => {
    const two = routes('cart', 'cart, cart.shop.svc.cluster.local') + routes('other', 'cart');
    expect(levels(virtualServiceConflicts, two)).toEqual(['error IST0109', 'error IST0109']);
  });

  test('a DestinationRule for all services of a namespace', () => {
    const rule = (host: string): string => networking('DestinationRule', 'all', `host: "${host}"`);
    const cart = service('cart', 'selector: {app: cart}');
    expect(levels(destinationRuleSubsets, cart + rule('*.shop.svc.cluster.local'))).toEqual(['info IST0174']);
    expect(levels(destinationRuleSubsets, cart + rule('*.store.svc.cluster.local'))).toEqual(['warning IST0174']);
    expect(levels(destinationRuleSubsets, cart + rule('other'))).toEqual(['warning IST0174']);
  });
});

describe('what is attached by targetRefs is not for a whole namespace', () => {
  const target = 'targetRefs: [{kind: Service, name: cart}]';

  test('so that several Telemetries are no conflict', () => {
    const telemetry = (name: string, spec: string): string => resource('telemetry.istio.io/v1', 'Telemetry', name, spec);
    const attached = telemetry('one', target) + telemetry('two', target);
    expect(levels(telemetryDefaults, attached)).toEqual(['info IST0160', 'info IST0160']);
    const one = attached + telemetry('all', 'accessLogging: [{}]');
    expect(levels(telemetryDefaults, one)).toEqual(['info IST0160', 'info IST0160', 'info IST0160']);
    const two = one + telemetry('others', 'tracing: [{}]');
    expect(levels(telemetryDefaults, two)).toEqual(['error IST0160', 'info IST0160', 'error IST0160', 'info IST0160']);
  });

  test('so that an AuthorizationPolicy needs no pods there', () => {
    const policy = (spec: string): string => resource('security.istio.io/v1', 'AuthorizationPolicy', 'cart', spec);
    expect(levels(authorizationPolicies, policy(target))).toEqual(['info IST0127']);
    expect(levels(authorizationPolicies, policy('rules: []'))).toEqual(['warning IST0127']);
  });
});

test('a host of type ExternalName, which a gateway does not follow, is told with the name that it stands for', () => {
  const front = networking(
    'Gateway',
    'out',
    'selector: {app: out}, servers: [{port: {number: 5432, name: tcp, protocol: TCP}, hosts: ["*.example"]}]',
  );
  const rules = networking(
    'VirtualService',
    'books',
    'hosts: [books], gateways: [out], tcp: [{route: [{destination: {host: books}}]}]',
  );
  const books = service('books', 'type: ExternalName, externalName: books.example');
  const [finding] = findingsOf(virtualServiceGateways, front + rules + books);
  expect(finding?.code).toBe('IST0132');
  expect(finding?.severity).toBe('warning');
  expect(finding?.message).toContain('not by externalName "books.example"');
  const [plain] = findingsOf(virtualServiceGateways, front + rules);
  expect(plain?.message).not.toContain('externalName');
});
