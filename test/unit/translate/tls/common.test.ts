import { describe, expect, it } from 'vitest';
import { defaultRelease, loadRelease } from '../../../../src/releases/index.ts';
import {
  agentSecret,
  caCredentialName,
  credentialSecret,
  exactMatchers,
  fileRootName,
} from '../../../../src/translate/tls/common.ts';

const asked = { servers: [], behaviours: defaultRelease.behaviours };
const vault = {
  name: 'vault',
  found: { hostname: 'sds.vault.svc.cluster.local', cluster: 'outbound|9090||sds.vault.svc.cluster.local' },
};
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
    expect(credentialSecret('bookinfo', agentOnly, asked)).toEqual({
      name: 'kubernetes://bookinfo',
      sdsConfig: { ads: {}, resourceApiVersion: 'V3' },
    });
    expect(credentialSecret('kubernetes-gateway://istio-system/bookinfo', agentOnly, asked)?.name).toBe(
      'kubernetes-gateway://istio-system/bookinfo',
    );
    expect(credentialSecret(caCredentialName('configmap://bookinfo'), agentOnly, asked)?.name).toBe(
      'configmap://bookinfo-cacert',
    );
    expect(credentialSecret('invalid://bookinfo', agentOnly, asked)?.name).toBe('invalid://');
  });

  it('serves builtin credentials from the agent', () => {
    expect(credentialSecret('builtin://', agentOnly, asked)).toEqual(agentSecret('default'));
    expect(credentialSecret(caCredentialName('builtin://'), agentOnly, asked)).toEqual(agentSecret('ROOTCA'));
  });

  it('asks for sds:// names at the socket, else the provider, else istiod', () => {
    const clusterOf = (secret: ReturnType<typeof credentialSecret>) =>
      secret?.sdsConfig?.apiConfigSource?.grpcServices?.[0]?.envoyGrpc?.clusterName;
    const atSocket = credentialSecret('sds://bookinfo', { ...agentOnly, credentialSocket: true }, asked);
    expect([atSocket?.name, clusterOf(atSocket)]).toEqual(['sds://bookinfo', 'sds-external']);
    const atProvider = credentialSecret('sds://bookinfo', agentOnly, { ...asked, servers: [vault] });
    expect([atProvider?.name, clusterOf(atProvider)]).toEqual(['bookinfo', 'outbound|9090||sds.vault.svc.cluster.local']);
    expect(credentialSecret('sds://bookinfo', agentOnly, asked)?.name).toBe('kubernetes://bookinfo');
  });

  it('asks the provider of that name, and for the whole name, in some releases; in others calls the server by its host', async () => {
    const of = async (release: string, name: string) => {
      const behaviours = (await loadRelease(release))?.behaviours ?? defaultRelease.behaviours;
      const secret = credentialSecret(name, agentOnly, { servers: [vault], behaviours });
      const server = secret?.sdsConfig?.apiConfigSource?.grpcServices?.[0]?.envoyGrpc;
      return [secret?.name, server?.clusterName, server?.authority];
    };
    expect(await of('1.29', 'sds://vault')).toEqual(['sds://vault', vault.found.cluster, undefined]);
    expect(await of('1.29', 'sds://bookinfo')).toEqual(['kubernetes://sds://bookinfo', undefined, undefined]);
    expect(await of('1.30', 'sds://bookinfo')).toEqual(['bookinfo', vault.found.cluster, undefined]);
    expect(await of('1.31', 'sds://bookinfo')).toEqual(['bookinfo', vault.found.cluster, vault.found.hostname]);
  });
});

describe('exactMatchers', () => {
  it('is absent for no names', () => {
    expect(exactMatchers([])).toBeUndefined();
    expect(exactMatchers(['reviews.example.com'])).toEqual([{ exact: 'reviews.example.com' }]);
  });
});
