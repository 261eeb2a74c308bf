import type { Report } from '../../diagnostics/diagnostic.ts';
import {
  externalControlPlaneAddressIsNotAHostname,
  invalidExternalControlPlaneConfig,
} from '../../diagnostics/problems/istio/injection.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { isIpAddress } from '../../util/ip-address.ts';
import { parseUrl } from '../../util/url.ts';
import { at } from '../subject.ts';
import type { Analyzer } from './support/analyzer.ts';

/** istio analyzers/externalcontrolplane/externalcontrolplane.go. */
export const externalControlPlane: Analyzer = {
  name: 'externalcontrolplane.ExternalControlPlaneAnalyzer',
  about: 'Webhooks of Istio name a control plane, by a host name if it is an external one',
  reads: ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'],
  codes: [invalidExternalControlPlaneConfig.code, externalControlPlaneAddressIsNotAHostname.code],
  run(reader, report) {
    for (const resource of reader.list('ValidatingWebhookConfiguration')) {
      const { name } = resource;
      if (name === 'istiod-default-validator' || name.startsWith('istio-validator')) checkWebhooks(resource, report);
    }
    for (const resource of reader.list('MutatingWebhookConfiguration')) {
      if (resource.name.startsWith('istio-sidecar-injector')) checkWebhooks(resource, report);
    }
  },
};

function checkWebhooks(
  resource: ResourceOf<'ValidatingWebhookConfiguration' | 'MutatingWebhookConfiguration'>,
  report: Report,
): void {
  for (const { name = '', clientConfig = {} } of resource.spec.webhooks ?? []) {
    const { url, service } = clientConfig;
    if (url === undefined) {
      if (service === undefined) report(invalidExternalControlPlaneConfig(at(resource), '', name, 'is blank'));
      continue;
    }
    const parsed = parseUrl(url);
    if (parsed === undefined) {
      report(invalidExternalControlPlaneConfig(at(resource), url, name, 'was provided in an invalid format'));
    } else if (isIpAddress(hostOf(parsed.rest))) {
      report(externalControlPlaneAddressIsNotAHostname(at(resource), url, name));
    }
  }
}

/** The host of `//user@host:port/path`, without brackets; empty where there is none. */
function hostOf(rest: string): string {
  const authority = /^\/\/([^/?#]*)/.exec(rest)?.[1] ?? '';
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  return host.startsWith('[') ? host.slice(1).replace(/\].*$/s, '') : host.replace(/:\d*$/, '');
}
