import { agentsServeBothAlone, istiodServesBothAlone } from '../../diagnostics/problems/istiod.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import { parseGoBoolean } from '../../util/go-boolean.ts';
import { isIpv6Text } from '../../util/ip-address.ts';
import { at } from '../subject.ts';
import { type Analyzer, fullName } from './support/analyzer.ts';

/**
 * Sidecars of pods of both IP families where istiod and they do not agree on whether both are served: what is redirected
 * (istio tools/common/config/config.go getLocalIP) is not what listeners take. Who writes that a sidecar does not serve both knows.
 */
export const dualStack: Analyzer = {
  name: 'mesh.proxy.DualStack',
  about: 'istiod and the sidecars of pods of both IP families agree on ISTIO_DUAL_STACK',
  reads: ['Pod', 'Service', 'ProxyConfig'],
  codes: [istiodServesBothAlone.code, agentsServeBothAlone.code],
  run: (reader, report) => {
    const { proxies, release } = reader.mesh();
    const isServedByIstiod = release.behaviours.dualStack;
    const apart = proxies.filter((proxy) => redirectsBoth(proxy) && servesBoth(proxy) === !isServedByIstiod);
    const [first, ...others] = apart;
    if (first === undefined) return;
    const problem = isServedByIstiod ? istiodServesBothAlone : agentsServeBothAlone;
    report(problem(at(first.workload.resource), fullName(first), others.length));
  },
};

/** Whether a proxy has connections of both families redirected to it, or could have. */
function redirectsBoth({ role, interceptionMode, ips }: Proxy): boolean {
  return role === 'sidecar' && interceptionMode !== 'NONE' && ips.some(isIpv6Text) && !ips.every(isIpv6Text);
}

/** What its agent is told; undefined where it is told not to. */
function servesBoth({ proxyConfig: { proxyMetadata = {} } }: Proxy): boolean | undefined {
  const written = parseGoBoolean(proxyMetadata.ISTIO_DUAL_STACK ?? '');
  return written === false ? undefined : written === true;
}
