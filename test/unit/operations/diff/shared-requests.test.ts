import { describe, expect, test } from 'vitest';
import { openConfiguration } from '../../../../src/operations/diff/configuration.ts';
import { changesBetween, createComparison, pairNamesakes } from '../../../../src/operations/diff/proxy-changes.ts';
import { comparable, noticeRequest } from '../../../../src/operations/diff/seen.ts';
import { observeRequests, USUAL_PATIENCE } from '../../../../src/operations/diff/try-requests.ts';
import { unknownServers } from '../../../../src/trace/servers/unknown.ts';
import { routedByVirtualService, shopOf } from '../../../support/diff-shop.ts';
import { inputOfYaml } from '../../../support/resources.ts';

const shop = shopOf(['web', 'api', 'buyer', 'seller']);

const POLICIES: Readonly<Record<string, string>> = {
  nobody: '',
  'some clients': `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: api, namespace: shop}
spec:
  selector: {matchLabels: {app: api}}
  rules:
    - from: [{source: {principals: ["cluster.local/ns/shop/sa/default"]}}]
      to: [{operation: {paths: [/api/*]}}]
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: shop}
spec: {mtls: {mode: STRICT}}
`,
  'some addresses': `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: api, namespace: shop}
spec:
  action: DENY
  selector: {matchLabels: {app: web}}
  rules: [{from: [{source: {ipBlocks: [10.244.0.0/30, 192.0.2.0/26]}}]}]
`,
  'those with fewer hosts': `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: buyer, namespace: shop}
spec: {workloadSelector: {labels: {app: buyer}}, egress: [{hosts: [./api.shop.svc.cluster.local, ./web.shop.svc.cluster.local]}]}
`,
};

function sideOf(timeout: string, policy: string) {
  const routes = routedByVirtualService(shop, '[{uri: {prefix: /api}}]', `\n      timeout: ${timeout}`);
  return openConfiguration(timeout, inputOfYaml([...Object.values(routes), policy].join('\n---\n')));
}

describe('requests that are drawn of several clients end as they do when each is followed by itself', () => {
  test.each(Object.entries(POLICIES))('where policies tell apart %s', (_, policy) => {
    const [before, after] = [sideOf('1s', policy), sideOf('2s', policy)];
    const changesOf = changesBetween(before, after, pairNamesakes(before, after).common, createComparison());
    const { observed, spared } = observeRequests(before, after, changesOf, [], undefined, USUAL_PATIENCE);
    const planes = [before, after].map((side) => side.dataPlane({ servers: unknownServers, now: 0 }));
    expect(observed.length).toBeGreaterThan(10);
    expect(spared).toBe(0);
    for (const { sent, before: earlier, after: later, passed } of observed) {
      const [one, other] = planes.map((plane) => sent && noticeRequest(sent.request, plane, sent.isProbed));
      if (one === undefined || other === undefined) throw new Error('nobody is there to send it');
      expect({ request: sent?.request, before: earlier, after: later }).toEqual({
        request: sent?.request,
        ...comparable(one, other),
      });
      expect(passed).toEqual([one.passed, other.passed]);
    }
  });
});
