import { describe, expect, it } from 'vitest';
import {
  agentSecret,
  caCredentialName,
  credentialSecret,
  exactMatchers,
  fileRootName,
} from '../../../../src/translate/tls/common.ts';

const agentOnly = { credentialSocket: false, fileSocket: false };

describe('agentSecret', () => {
  it('waits for the own certificate and roots only', () => {
    expect(agentSecret('default').sdsConfig?.initialFetchTimeout).toBe('0s');
    expect(agentSecret('ROOTCA').sdsConfig?.initialFetchTimeout).toBe('0s');
    expect(agentSecret(fileRootName('system')).sdsConfig).not.toHaveProperty('initialFetchTimeout');
  });

  it('asks the file server for files only', () => {
    const server = (name: string) =>
      agentSecret(name, true).sdsConfig?.apiConfigSource?.grpcServices?.[0]?.envoyGrpc?.clusterName;
    expect(server('file-root:/etc/ca.pem')).toBe('sds-files-grpc');
    expect(server('default')).toBe('sds-grpc');
  });
});

describe('credentialSecret', () => {
  it('takes a bare name for a Kubernetes secret and keeps names that say their kind', () => {
    expect(credentialSecret('bookinfo', agentOnly)).toEqual({
      name: 'kubernetes://bookinfo',
      sdsConfig: { ads: {}, resourceApiVersion: 'V3' },
    });
    expect(credentialSecret('kubernetes-gateway://istio-system/bookinfo', agentOnly)?.name).toBe(
      'kubernetes-gateway://istio-system/bookinfo',
    );
    expect(credentialSecret(caCredentialName('configmap://bookinfo'), agentOnly)?.name).toBe('configmap://bookinfo-cacert');
    expect(credentialSecret('invalid://bookinfo', agentOnly)?.name).toBe('invalid://');
  });

  it('serves builtin credentials from the agent', () => {
    expect(credentialSecret('builtin://', agentOnly)).toEqual(agentSecret('default'));
    expect(credentialSecret(caCredentialName('builtin://'), agentOnly)).toEqual(agentSecret('ROOTCA'));
  });

  it('asks for sds:// names at the socket, else the provider, else istiod', () => {
    const clusterOf = (secret: ReturnType<typeof credentialSecret>) =>
      secret?.sdsConfig?.apiConfigSource?.grpcServices?.[0]?.envoyGrpc?.clusterName;
    const atSocket = credentialSecret('sds://bookinfo', { ...agentOnly, credentialSocket: true });
    expect([atSocket?.name, clusterOf(atSocket)]).toEqual(['sds://bookinfo', 'sds-external']);
    const atProvider = credentialSecret('sds://bookinfo', agentOnly, 'outbound|9090||sds.vault.svc.cluster.local');
    expect([atProvider?.name, clusterOf(atProvider)]).toEqual(['bookinfo', 'outbound|9090||sds.vault.svc.cluster.local']);
    expect(credentialSecret('sds://bookinfo', agentOnly)?.name).toBe('kubernetes://bookinfo');
  });
});

describe('exactMatchers', () => {
  it('is absent for no names', () => {
    expect(exactMatchers([])).toBeUndefined();
    expect(exactMatchers(['reviews.example.com'])).toEqual([{ exact: 'reviews.example.com' }]);
  });
});
