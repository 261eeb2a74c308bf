import type { Session } from '../../compile/session.ts';
import type { KnownSecret } from '../../envoy/known-secret.ts';
import type { XdsSnapshot } from '../../envoy/snapshot.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import { spiffeIdentity } from '../../model/security/spiffe.ts';
import { podKey } from '../../trace/data-plane.ts';
import { proxyBootstrap } from '../../translate/bootstrap/bootstrap.ts';
import { memo } from '../../util/memo.ts';
import { createSecretLookup } from '../../workbench/secrets.ts';

/** What a proxy gets, from istiod and from its agent. */
export interface CompiledProxy {
  /** `namespace/name`, after the cluster where there are several. */
  readonly name: string;
  readonly snapshot: XdsSnapshot;
  /** The bootstrap that the agent writes. */
  bootstrap(): ReturnType<typeof proxyBootstrap>;
  /** SPIFFE identity. */
  readonly identity: string;
  /** The secret of a name, where the manifests have it. */
  secretOf(name: string): KnownSecret | undefined;
}

/** Compiles a proxy. Roots in ConfigMaps are public; what Secrets hold is found only by those who ask for it. */
export function compiledProxy(
  { mesh, compile }: Session,
  proxy: Proxy,
  { withSecrets }: { readonly withSecrets: boolean } = { withSecrets: false },
): CompiledProxy {
  const { namespace, serviceAccount } = proxy;
  const secrets = memo(() =>
    createSecretLookup(
      mesh.resources.filter(({ kind }) => withSecrets || kind !== 'Secret'),
      namespace,
    ),
  );
  return {
    name: podKey(proxy),
    snapshot: compile(proxy),
    bootstrap: () => proxyBootstrap(proxy, mesh),
    identity: spiffeIdentity(mesh.config.trustDomain ?? mesh.domainSuffix, namespace, serviceAccount),
    secretOf: (secret) => secrets()(secret),
  };
}
