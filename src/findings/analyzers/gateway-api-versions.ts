import { gatewayAPICRDVersionBelowMinimum } from '../../diagnostics/problems/istio/gateways.ts';
import { bundleVersion } from '../../model/watched-kinds.ts';
import { own } from '../../util/object.ts';
import { compareVersions } from '../../util/version.ts';
import { at } from '../subject.ts';
import type { Analyzer } from './support/analyzer.ts';

/** istio analyzers/k8sgateway/crdversion.go. */
export const gatewayApiVersions: Analyzer = {
  name: 'k8sgateway.CRDVersionAnalyzer',
  about: 'The definitions of the Gateway API are new enough for Istio',
  reads: ['CustomResourceDefinition'],
  codes: [gatewayAPICRDVersionBelowMinimum.code],
  run(reader, report) {
    for (const resource of reader.list('CustomResourceDefinition')) {
      const minimum = own(reader.release.minimumGatewayApi, resource.name);
      const installed = bundleVersion(resource.annotations);
      if (minimum === undefined || installed === undefined || compareVersions(installed.numbers, minimum) >= 0) continue;
      report(gatewayAPICRDVersionBelowMinimum(at(resource), resource.name, installed.text, minimum));
    }
  },
};
