import { annotationRows as earlierAnnotationRows } from '../1.30/annotations.ts';
import { codes, retiredCodes } from '../1.30/codes.ts';
import { kinds, minimumGatewayApi } from '../1.30/kinds.ts';
import { annotationsByName } from '../annotations.ts';
import { withVersions } from '../kinds.ts';
import type { Release } from '../release.ts';
import { defaultSwitches } from '../switches.ts';
import { envoyDescriptorChanges } from './envoy-descriptors.gen.ts';
import { istioDescriptorTable, laterMembers } from './istio-descriptors.gen.ts';

/** Istio 1.31, as of 1.31.0-rc.0. */
export const istio131: Release = {
  name: '1.31',
  version: '1.31.0-rc.0',
  proxySha: 'istio-proxy:99b153254193a4990fd0cb44c7c5539a825ca446',
  // The definitions of Gateway API 1.6.0.
  kinds: withVersions(kinds, new Map([['TCPRoute', 'v1 v1alpha2']])),
  gatewayApi: '1.6.0',
  minimumGatewayApi: { ...minimumGatewayApi, 'tcproutes.gateway.networking.k8s.io': '1.6.0' },
  maximumGatewayApi: {},
  istioDescriptors: istioDescriptorTable,
  envoyDescriptorChanges,
  laterMembers,
  laterKinds: {},
  annotations: annotationsByName([
    ...earlierAnnotationRows,
    ['istio.io/use-waypoint-canary-weight', 'Service ServiceEntry Namespace', 'alpha'],
  ]),
  codes: new Set([...codes, 'IST0177']),
  retiredCodes,
  docsUrl: 'https://istio.io/v1.31/docs/',
  behaviours: {
    ...defaultSwitches,
    autoSendUnhealthyEndpoints: true,
    enableStrictGatewayMerging: true,
    namesEndpointsOfEntries: true,
    subsetsInheritTls: true,
    customPoliciesByProvider: true,
    translatesWasmPlugins: true,
    readsWholeDefaultExports: true,
    racesTcpConnects: true,
    ordersDnsEndpointsByLabel: true,
    distributesByNamespace: true,
    choosesNetworkGateways: true,
    externalSecretsBy: 'resource-name',
    namesSecretServer: true,
    resolvesForwardsByFamily: true,
    prefersNetworks: true,
    resolvesUnknownHosts: true,
    ignoresAnnotatedPolicies: true,
    readsConnectionSettings: true,
    trustDomainsOfSources: true,
    dynamicDnsForSidecars: true,
    warnsOfPrivateKeySets: true,
    sidecarExclusions: true,
    gentleWarmup: true,
    limitsProxyVersions: true,
    statusWithoutBackends: 500,
    stableTcpRoutes: true,
    ordersExportsByAge: true,
    keepsSkippedVerification: true,
    stableTlsRoutes: true,
    mergesGrpcRoutes: true,
    optionsOverFrontends: true,
    leavesConflictingListenersOut: true,
    passesOverListenersWithoutTls: true,
    readsInsecureFrontends: true,
    mergesBackendPolicies: true,
    ordersFiltersByName: true,
    looksUpExactHosts: true,
    leavesForeignWaypointsAlone: true,
    redirectsByPrefixField: true,
    readsConditionsOfWorkloads: true,
  },
};
