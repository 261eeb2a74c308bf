import { gatewayAPICRDVersionBelowMinimum } from '../../diagnostics/problems/istio/gateways.ts';
import { own } from '../../util/object.ts';
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
      if (minimum === undefined || installed === undefined || !isBelow(installed.numbers, minimum)) continue;
      report(gatewayAPICRDVersionBelowMinimum(at(resource), resource.name, installed.text, minimum));
    }
  },
};

interface Version {
  readonly numbers: readonly number[];
  /** In full, without a leading `v`. */
  readonly text: string;
}

/** Reads `v1.4.0`, `1.4`, `v1.5.0-rc.1+build`. */
function parseVersion(text: string): Version | undefined {
  const match = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/.exec(text);
  if (match === null) return undefined;
  const numbers = [match[1], match[2], match[3]].map((part) => Number(part ?? 0));
  return { numbers, text: `${numbers.join('.')}${match[4] ?? ''}${match[5] ?? ''}` };
}

function isBelow(numbers: readonly number[], minimum: string): boolean {
  const wanted = minimum.split('.').map(Number);
  const index = numbers.findIndex((number, position) => number !== wanted[position]);
  return index !== -1 && (numbers[index] ?? 0) < (wanted[index] ?? 0);
}
