import { describe, expect, test } from 'vitest';
import type { AuthorizationPolicy } from '../../../../src/api/istio.gen.ts';
import {
  policyAttaches as attaches,
  buildPolicies as buildPolicyIndex,
  GATEWAY_NAME_LABEL,
  type PolicyTarget,
  type PolicyWorkload,
} from '../../../../src/model/security/policies.ts';
import { defaultRelease } from '../../../../src/releases/index.ts';
import type { ResourceOf } from '../../../../src/resource/resource.ts';
import { securityResource } from '../../../support/security-resource.ts';

const { behaviours } = defaultRelease;
const policyAttaches = (target: PolicyTarget, namespace: string, workload: PolicyWorkload) =>
  attaches(target, namespace, workload, behaviours);
const buildPolicies = (
  requests: readonly ResourceOf<'RequestAuthentication'>[],
  policies: readonly ResourceOf<'AuthorizationPolicy'>[],
  rootNamespace: string,
) => buildPolicyIndex(requests, policies, rootNamespace, behaviours);

const reviews = { namespace: 'bookinfo', labels: { app: 'reviews' } };
const gateway = { namespace: 'bookinfo', labels: { [GATEWAY_NAME_LABEL]: 'bookinfo' } };
const gatewayRef = { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'bookinfo' };

describe('a policy without targetRefs', () => {
  test('is for the workloads that its selector selects, gateways of the Gateway API included', () => {
    expect(policyAttaches({ selector: { matchLabels: { app: 'reviews' } } }, 'bookinfo', reviews)).toBe(true);
    expect(policyAttaches({ selector: { matchLabels: { app: 'ratings' } } }, 'bookinfo', reviews)).toBe(false);
    expect(policyAttaches({ selector: { matchLabels: gateway.labels } }, 'bookinfo', gateway)).toBe(true);
  });

  test('is for all workloads when it has no selector or an empty one', () => {
    expect(policyAttaches({}, 'bookinfo', reviews)).toBe(true);
    expect(policyAttaches({ selector: {} }, 'bookinfo', gateway)).toBe(true);
  });
});

describe('a policy without targetRefs, where istiod keeps managed gateways to those with', () => {
  const apart = { ...behaviours, enableSelectorBasedK8sGatewayPolicy: false };

  test('is for no gateway of the Gateway API, whether it selects it or all', () => {
    expect(attaches({ selector: { matchLabels: gateway.labels } }, 'bookinfo', gateway, apart)).toBe(false);
    expect(attaches({}, 'bookinfo', gateway, apart)).toBe(false);
    expect(attaches({ targetRefs: [gatewayRef] }, 'bookinfo', gateway, apart)).toBe(true);
  });

  test('is for all others as ever', () => {
    expect(attaches({ selector: { matchLabels: { app: 'reviews' } } }, 'bookinfo', reviews, apart)).toBe(true);
    expect(attaches({}, 'bookinfo', reviews, apart)).toBe(true);
  });
});

describe('a policy with targetRefs', () => {
  test('is for the gateway of that name in its own namespace', () => {
    expect(policyAttaches({ targetRefs: [gatewayRef] }, 'bookinfo', gateway)).toBe(true);
    expect(policyAttaches({ targetRef: gatewayRef }, 'bookinfo', gateway)).toBe(true);
    expect(policyAttaches({ targetRefs: [{ ...gatewayRef, namespace: 'bookinfo' }] }, 'bookinfo', gateway)).toBe(true);
    expect(policyAttaches({ targetRefs: [{ ...gatewayRef, name: 'other' }] }, 'bookinfo', gateway)).toBe(false);
    expect(policyAttaches({ targetRefs: [{ ...gatewayRef, namespace: 'other' }] }, 'bookinfo', gateway)).toBe(false);
    expect(policyAttaches({ targetRefs: [gatewayRef] }, 'istio-system', gateway)).toBe(false);
  });

  test('prefers the list to the deprecated single reference', () => {
    const target = { targetRef: gatewayRef, targetRefs: [{ ...gatewayRef, name: 'other' }] };
    expect(policyAttaches(target, 'bookinfo', gateway)).toBe(false);
  });

  test('is for no sidecar, even if a selector would match', () => {
    expect(policyAttaches({ targetRefs: [gatewayRef] }, 'bookinfo', reviews)).toBe(false);
  });

  test('attaches to no gateway through a Service, a ServiceEntry or a GatewayClass: those concern waypoints', () => {
    const refs = [
      { kind: 'Service', name: 'bookinfo' },
      { group: 'networking.istio.io', kind: 'ServiceEntry', name: 'bookinfo' },
      { group: 'gateway.networking.k8s.io', kind: 'GatewayClass', name: 'istio-waypoint' },
    ];
    for (const ref of refs) expect(policyAttaches({ targetRefs: [ref] }, 'bookinfo', gateway)).toBe(false);
  });
});

describe('the policies of a workload', () => {
  const policy = (id: string, spec: AuthorizationPolicy, createdAt?: number): ResourceOf<'AuthorizationPolicy'> =>
    securityResource('AuthorizationPolicy', id, spec, createdAt === undefined ? {} : { createdAt });

  test('are those of the root namespace and of its own, the root first for authorization, each oldest first', () => {
    const newer = policy('bookinfo/a', {}, 2000);
    const older = policy('bookinfo/b', {}, 1000);
    const root = policy('istio-system/c', {}, 3000);
    const foreign = policy('other/d', {});
    const index = buildPolicies([], [newer, older, foreign, root], 'istio-system');
    expect(index.authorizationPolicies(reviews).allow).toEqual([root, older, newer]);
  });

  test('are listed once for a workload in the root namespace', () => {
    const root = policy('istio-system/c', {});
    const index = buildPolicies([], [root], 'istio-system');
    expect(index.authorizationPolicies({ namespace: 'istio-system', labels: {} }).allow).toEqual([root]);
  });

  test('are kept apart by action; none written is ALLOW', () => {
    const deny = policy('bookinfo/deny', { action: 'DENY' });
    const audit = policy('bookinfo/audit', { action: 'AUDIT' });
    const custom = policy('bookinfo/custom', { action: 'CUSTOM' });
    const allow = policy('bookinfo/allow', {});
    const index = buildPolicies([], [deny, audit, custom, allow], 'istio-system');
    expect(index.authorizationPolicies(reviews)).toEqual({ deny: [deny], audit: [audit], custom: [custom], allow: [allow] });
  });

  test('start with those of its own namespace for request authentication', () => {
    const root = securityResource('RequestAuthentication', 'istio-system/root', {});
    const own = securityResource('RequestAuthentication', 'bookinfo/own', {});
    expect(buildPolicies([root, own], [], 'istio-system').requestAuthentications(reviews)).toEqual([own, root]);
  });
});
