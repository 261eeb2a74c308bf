import { describe, expect, test } from 'vitest';
import { destinationRuleMerging } from '../../../../src/findings/analyzers/destination-rule-merging.ts';
import { stickySubsets } from '../../../../src/findings/analyzers/sticky-subsets.ts';
import { trafficSettings } from '../../../../src/findings/analyzers/traffic-settings.ts';
import { briefly } from './support.ts';

const resource = (kind: string, name: string, spec: string): string =>
  `\n---\napiVersion: networking.istio.io/v1\nkind: ${kind}\nmetadata: {name: ${name}, namespace: shop}\nspec: ${spec}\n`;
const subsets = 'subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]';
const SHORT = 'cart';
const full = (domain: string): string => `cart.shop.svc.${domain}`;

describe.each(['cluster.local', 'corp.example'])(
  'in a cluster of domain %s, a short host and the full one of that domain',
  (domain) => {
    const other = domain === 'corp.example' ? 'cluster.local' : 'corp.example';
    const within = (analyzer: Parameters<typeof briefly>[0], yaml: string): readonly string[] =>
      briefly(analyzer, yaml, {}, domain);

    test('are one host with a consistent hash', () => {
      const route =
        'route: [{destination: {host: cart, subset: v1}, weight: 50}, {destination: {host: cart, subset: v2}, weight: 50}]';
      const sticky = (host: string): string =>
        resource('VirtualService', 'cart', `{hosts: [cart], http: [{${route}}]}`) +
        resource(
          'DestinationRule',
          'cart',
          `{host: ${host}, trafficPolicy: {loadBalancer: {consistentHash: {useSourceIp: true}}}, ${subsets}}`,
        );
      expect(within(stickySubsets, sticky(full(domain)))).toEqual(within(stickySubsets, sticky(SHORT)));
      expect(within(stickySubsets, sticky(full(domain)))).toHaveLength(1);
      expect(within(stickySubsets, sticky(full(other)))).toEqual([]);
    });

    test('are one destination of a rule and its mirror', () => {
      const mirrored = (host: string): string =>
        resource(
          'VirtualService',
          'cart',
          `{hosts: [cart], http: [{route: [{destination: {host: cart}}], mirror: {host: ${host}}}]}`,
        );
      expect(within(trafficSettings, mirrored(full(domain)))).toHaveLength(1);
      expect(within(trafficSettings, mirrored(full(other)))).toEqual([]);
    });

    test('are one host of two DestinationRules', () => {
      const rules = (host: string): string =>
        resource('DestinationRule', 'a', `{host: cart, ${subsets}}`) +
        resource('DestinationRule', 'b', `{host: ${host}, subsets: [{name: v1, labels: {version: v3}}]}`);
      expect(within(destinationRuleMerging, rules(full(domain)))).toHaveLength(1);
      expect(within(destinationRuleMerging, rules(full(other)))).toEqual([]);
    });
  },
);
