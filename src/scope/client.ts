import type { ProxyExtension } from '../model/extensions/traffic-extensions.ts';
import type { AuthorizationPolicies } from '../model/security/policies.ts';
import type { Labels } from '../resource/resource.ts';
import type { Twin } from '../util/shared-by-reads.ts';

/**
 * What may be asked about a proxy while something is built for all proxies of its scope: the answers that were asked for become part
 * of the key of what is built (util/shared-by-reads.ts). There is no other way from shared work to a proxy.
 */
export interface Client {
  /** Whether it has all of these labels. */
  carries(labels: Labels): boolean;
  /** The value of one label. */
  label(name: string): string | undefined;
  namespace(): string;
  nodeName(): string;
  /** Its address, if that is one of these. */
  addressAmong(addresses: ReadonlySet<string>): string | undefined;
  /** The policies for its connections to a service by whose namespace policies count too; equal ones are one object. */
  policiesTowards(serviceNamespace: string): ConnectionPolicies;
}

/** The policies that act on connections. */
export interface ConnectionPolicies {
  readonly authorizationPolicies: AuthorizationPolicies;
  readonly extensions: readonly ProxyExtension[];
}

/** Notes what a client is asked. */
export const clientTwin: Twin<Client> = (noting) => ({
  carries: noting('carries', (client, labels: Labels) => client.carries(labels)),
  label: noting('label', (client, name: string) => client.label(name)),
  namespace: noting('namespace', (client) => client.namespace()),
  nodeName: noting('nodeName', (client) => client.nodeName()),
  addressAmong: noting('addressAmong', (client, addresses: ReadonlySet<string>) => client.addressAmong(addresses)),
  policiesTowards: noting('policiesTowards', (client, namespace: string) => client.policiesTowards(namespace)),
});
