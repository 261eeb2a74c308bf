import { gatewayAPICRDVersionBelowMinimum } from '../../diagnostics/problems/istio/gateways.ts';
import { own } from '../../util/object.ts';
import { compareVersions } from '../../util/version.ts';
import { at } from '../subject.ts';
import type { Analyzer } from './support/analyzer.ts';

const BUNDLE_VERSION = 'gateway.networking.k8s.io/bundle-version';

/** istio analyzers/k8sgateway/crdversion.go. */
export const gatewayApiVersions: Analyzer = {
  name: 'k8sgateway.CRDVersionAnalyzer',
  about: 'The definitions of the Gateway API are new enough for Istio',
  reads: ['CustomResourceDefinition'],
  codes: [gatewayAPICRDVersionBelowMinimum.code],
  run(reader, report) {
    for (const resource of reader.list('CustomResourceDefinition')) {
      const minimum = own(reader.release.minimumGatewayApi, resource.name);
      const installed = parseVersion(resource.annotations[BUNDLE_VERSION] ?? '');
      if (minimum === undefined || installed === undefined || compareVersions(installed.numbers, minimum) >= 0) continue;
      report(gatewayAPICRDVersionBelowMinimum(at(resource), resource.name, installed.text, minimum));
    }
  },
};

interface Version {
  /** Without what may follow: `1.4.0`. */
  readonly numbers: string;
  /** In full, without a leading `v`. */
  readonly text: string;
}

/** Reads `v1.4.0`, `1.4`, `v1.5.0-rc.1+build`. */
function parseVersion(text: string): Version | undefined {
  const match = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/.exec(text);
  if (match === null) return undefined;
  const numbers = [match[1], match[2], match[3]].map((part) => part ?? '0');
  return { numbers: numbers.join('.'), text: `${numbers.map(Number).join('.')}${match[4] ?? ''}${match[5] ?? ''}` };
}
