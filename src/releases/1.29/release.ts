import { annotationRows as laterAnnotationRows } from '../1.30/annotations.ts';
import { codes, retiredCodes } from '../1.30/codes.ts';
import { kinds, minimumGatewayApi } from '../1.30/kinds.ts';
import { annotationsByName } from '../annotations.ts';
import { withoutKinds, withVersions } from '../kinds.ts';
import type { Release } from '../release.ts';
import { defaultSwitches } from '../switches.ts';
import { envoyDescriptorChanges } from './envoy-descriptors.gen.ts';
import { istioDescriptorTable, laterMembers } from './istio-descriptors.gen.ts';

/** The annotations of istio.io/api v1.29.6, annotation/annotations.gen.go. */
const annotationRows = laterAnnotationRows.map((row) =>
  row[0] === 'networking.istio.io/traffic-distribution' ? ([row[0], 'Service ServiceEntry', 'alpha'] as const) : row,
);

/** Istio 1.29, as of 1.29.6. */
export const istio129: Release = {
  name: '1.29',
  version: '1.29.6',
  proxySha: 'istio-proxy:8f4f69324c5c9271faad34c13e2e20a558669121',
  // The definitions of Gateway API 1.4.1.
  kinds: withVersions(
    withoutKinds(kinds, ['TrafficExtension', 'ListenerSet']),
    new Map([
      ['TLSRoute', 'v1alpha3 v1alpha2'],
      ['ReferenceGrant', 'v1beta1'],
    ]),
  ),
  gatewayApi: '1.4.1',
  minimumGatewayApi: Object.fromEntries(
    Object.entries(minimumGatewayApi).filter(([name]) => name !== 'tlsroutes.gateway.networking.k8s.io'),
  ),
  maximumGatewayApi: { 'tlsroutes.gateway.networking.k8s.io': '1.4.1' },
  istioDescriptors: istioDescriptorTable,
  envoyDescriptorChanges,
  laterMembers,
  laterKinds: { TrafficExtension: '1.30', ListenerSet: '1.30' },
  annotations: annotationsByName(annotationRows),
  codes: new Set(codes.filter((code) => code !== 'IST0176')),
  retiredCodes,
  docsUrl: 'https://istio.io/v1.29/docs/',
  behaviours: {
    ...defaultSwitches,
    sidecarPickBestServiceNamespace: false,
    namesEndpointsOfEntries: false,
    subsetsInheritTls: false,
    customPoliciesByProvider: false,
    translatesWasmPlugins: false,
    readsWholeDefaultExports: false,
    racesTcpConnects: false,
    ordersDnsEndpointsByLabel: false,
    distributesByNamespace: false,
    choosesNetworkGateways: false,
    externalSecretsBy: 'provider-name',
    namesSecretServer: false,
    resolvesForwardsByFamily: false,
    prefersNetworks: false,
    resolvesUnknownHosts: false,
    ignoresAnnotatedPolicies: false,
    readsConnectionSettings: false,
    trustDomainsOfSources: false,
    dynamicDnsForSidecars: false,
    warnsOfPrivateKeySets: false,
    sidecarExclusions: false,
    gentleWarmup: false,
    limitsProxyVersions: false,
    statusWithoutBackends: 500,
    stableTcpRoutes: false,
    ordersExportsByAge: false,
    keepsSkippedVerification: false,
    stableTlsRoutes: false,
    mergesGrpcRoutes: false,
    optionsOverFrontends: false,
    leavesConflictingListenersOut: false,
    passesOverListenersWithoutTls: false,
    readsInsecureFrontends: false,
    mergesBackendPolicies: false,
    ordersFiltersByName: false,
    looksUpExactHosts: false,
    leavesForeignWaypointsAlone: false,
    redirectsByPrefixField: false,
    readsConditionsOfWorkloads: false,
  },
};
