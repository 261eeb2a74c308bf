import { describe, expect, test } from 'vitest';
import type { PeerAuthentication } from '../../../../src/api/istio.gen.ts';
import type { Service } from '../../../../src/model/registry/service.ts';
import {
  acceptsMutualTls,
  buildPeerAuthentications,
  inferServiceMutualTls,
  mutualTlsModeOfPort,
} from '../../../../src/model/security/peer-authentication.ts';
import type { ResourceOf } from '../../../../src/resource/resource.ts';
import { securityResource } from '../../../support/security-resource.ts';

const reviews = { app: 'reviews' };
const selector = { matchLabels: reviews };

function policy(id: string, spec: PeerAuthentication, createdAt?: number): ResourceOf<'PeerAuthentication'> {
  return securityResource('PeerAuthentication', id, spec, createdAt === undefined ? {} : { createdAt });
}

function modeOf(policies: readonly ResourceOf<'PeerAuthentication'>[], port = 8080, namespace = 'bookinfo'): string {
  return mutualTlsModeOfPort(buildPeerAuthentications(policies, 'istio-system').forWorkload(namespace, reviews), port);
}

describe('the mode of a workload port', () => {
  test('is PERMISSIVE where no policy says', () => {
    expect(modeOf([])).toBe('PERMISSIVE');
  });

  test('is set by the narrowest level: port, workload, namespace, mesh', () => {
    const mesh = policy('istio-system/default', { mtls: { mode: 'STRICT' } });
    const namespace = policy('bookinfo/default', { mtls: { mode: 'DISABLE' } });
    const workload = policy('bookinfo/reviews', {
      selector,
      mtls: { mode: 'PERMISSIVE' },
      portLevelMtls: { '9080': { mode: 'STRICT' } },
    });
    expect(modeOf([mesh])).toBe('STRICT');
    expect(modeOf([mesh, namespace])).toBe('DISABLE');
    expect(modeOf([mesh, namespace, workload])).toBe('PERMISSIVE');
    expect(modeOf([mesh, namespace, workload], 9080)).toBe('STRICT');
  });

  test('is inherited from the level above where it is UNSET or not written', () => {
    const mesh = policy('istio-system/default', { mtls: { mode: 'STRICT' } });
    const namespace = policy('bookinfo/default', { mtls: { mode: 'UNSET' } });
    const workload = policy('bookinfo/reviews', { selector, portLevelMtls: { '9080': { mode: 'UNSET' } } });
    expect(modeOf([mesh, namespace, workload])).toBe('STRICT');
    expect(modeOf([mesh, namespace, workload], 9080)).toBe('STRICT');
  });

  test('is that of the oldest policy of a level', () => {
    const newer = policy('bookinfo/a', { mtls: { mode: 'DISABLE' } }, 2000);
    const older = policy('bookinfo/b', { mtls: { mode: 'STRICT' } }, 1000);
    expect(modeOf([newer, older])).toBe('STRICT');
    const newerWorkload = policy('bookinfo/c', { selector, mtls: { mode: 'STRICT' } }, 4000);
    const olderWorkload = policy('bookinfo/d', { selector, mtls: { mode: 'DISABLE' } }, 3000);
    expect(modeOf([newerWorkload, olderWorkload])).toBe('DISABLE');
  });

  test('is not touched by policies with a selector in the root namespace', () => {
    const stray = policy('istio-system/reviews', { selector, mtls: { mode: 'STRICT' } });
    expect(modeOf([stray])).toBe('PERMISSIVE');
    expect(modeOf([stray], 8080, 'istio-system')).toBe('PERMISSIVE');
  });

  test('treats an empty selector as none', () => {
    expect(modeOf([policy('bookinfo/default', { selector: {}, mtls: { mode: 'STRICT' } })])).toBe('STRICT');
  });

  test('remembers which policies have no effect and which decided', () => {
    const older = policy('bookinfo/b', { mtls: { mode: 'STRICT' } }, 1000);
    const newer = policy('bookinfo/a', { mtls: { mode: 'DISABLE' } }, 2000);
    const index = buildPeerAuthentications([newer, older], 'istio-system');
    expect(index.ignored.map(({ resource }) => resource)).toEqual([newer]);
    expect(index.forWorkload('bookinfo', reviews).decidedBy).toBe(older);
  });
});

describe('the mode of a namespace', () => {
  test('is unknown without policies and falls back to the mesh', () => {
    expect(buildPeerAuthentications([], 'istio-system').namespaceMode('bookinfo')).toBeUndefined();
    const mesh = policy('istio-system/default', { mtls: { mode: 'STRICT' } });
    const open = policy('bookinfo/default', {});
    const index = buildPeerAuthentications([mesh, open], 'istio-system');
    expect(index.namespaceMode('bookinfo')).toBe('STRICT');
    expect(index.namespaceMode('other')).toBe('STRICT');
  });

  test('is PERMISSIVE for a mesh policy that leaves it open', () => {
    expect(buildPeerAuthentications([policy('istio-system/default', {})], 'istio-system').namespaceMode('x')).toBe('PERMISSIVE');
  });
});

describe('automatic mutual TLS', () => {
  const strict = buildPeerAuthentications([policy('istio-system/default', { mtls: { mode: 'STRICT' } })], 'istio-system');
  const disabled = buildPeerAuthentications([policy('bookinfo/x', { selector, mtls: { mode: 'DISABLE' } })], 'istio-system');
  const endpoint = { namespace: 'bookinfo', labels: reviews, port: 8080, tlsMode: 'istio' } as const;
  const service = { meshExternal: false, resolution: 'clientSide', namespace: 'bookinfo' } as Service;

  test('reaches endpoints with a sidecar whose policy does not disable it', () => {
    expect(acceptsMutualTls(strict, endpoint, undefined)).toBe(true);
    expect(acceptsMutualTls(disabled, endpoint, undefined)).toBe(false);
    expect(acceptsMutualTls(strict, { ...endpoint, tlsMode: 'disabled' }, undefined)).toBe(false);
  });

  test('yields to the TLS mode of a destination rule', () => {
    expect(acceptsMutualTls(disabled, { ...endpoint, tlsMode: 'disabled' }, 'ISTIO_MUTUAL')).toBe(true);
    expect(acceptsMutualTls(strict, endpoint, 'DISABLE')).toBe(false);
  });

  test('infers the mode of a service from namespace and mesh alone', () => {
    expect(inferServiceMutualTls(strict, service, undefined, [])).toBe('STRICT');
    expect(inferServiceMutualTls(disabled, service, undefined, [])).toBe('PERMISSIVE');
    expect(inferServiceMutualTls(strict, { ...service, meshExternal: true }, undefined, [])).toBeUndefined();
  });

  test('is off for a service passed through to its endpoints unless all of them have a sidecar', () => {
    const headless: Service = { ...service, resolution: 'passthrough' };
    expect(inferServiceMutualTls(strict, headless, undefined, [])).toBe('DISABLE');
    expect(inferServiceMutualTls(strict, headless, undefined, [endpoint])).toBe('STRICT');
    expect(inferServiceMutualTls(strict, headless, undefined, [endpoint, { tlsMode: 'disabled' }])).toBe('DISABLE');
    const passthrough = { loadBalancer: { simple: 'PASSTHROUGH' } } as const;
    expect(inferServiceMutualTls(strict, service, passthrough, [])).toBe('DISABLE');
  });
});
