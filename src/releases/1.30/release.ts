import { annotationsByName } from '../annotations.ts';
import type { Release } from '../release.ts';
import { defaultSwitches } from '../switches.ts';
import { annotationRows } from './annotations.ts';
import { codes, retiredCodes } from './codes.ts';
import { istioDescriptorTable, laterMembers } from './istio-descriptors.gen.ts';
import { kinds, minimumGatewayApi } from './kinds.ts';

/** Istio 1.30, as of 1.30.3. */
export const istio130: Release = {
  name: '1.30',
  version: '1.30.3',
  proxySha: 'istio-proxy:81864a1cd5099d2f9e1289bfc604f4b200b2b27c',
  kinds,
  gatewayApi: '1.5.1',
  minimumGatewayApi,
  istioDescriptors: istioDescriptorTable,
  laterMembers,
  laterKinds: {},
  annotations: annotationsByName(annotationRows),
  codes: new Set(codes),
  retiredCodes,
  docsUrl: 'https://istio.io/v1.30/docs/',
  behaviours: {
    ...defaultSwitches,
    namesEndpointsOfEntries: true,
    subsetsInheritTls: false,
    customPoliciesByProvider: true,
    translatesWasmPlugins: true,
    readsWholeDefaultExports: true,
    racesTcpConnects: true,
    ordersDnsEndpointsByLabel: true,
    distributesByNamespace: true,
    choosesNetworkGateways: true,
    externalSecretsBy: 'resource-name',
    namesSecretServer: false,
    resolvesForwardsByFamily: false,
    prefersNetworks: false,
    resolvesUnknownHosts: false,
    ignoresAnnotatedPolicies: true,
    readsConnectionSettings: false,
    trustDomainsOfSources: true,
    dynamicDnsForSidecars: true,
    warnsOfPrivateKeySets: true,
    sidecarExclusions: false,
    gentleWarmup: false,
    limitsProxyVersions: false,
    statusWithoutBackends: 404,
    stableTcpRoutes: false,
    ordersExportsByAge: true,
    keepsSkippedVerification: true,
    stableTlsRoutes: true,
    mergesGrpcRoutes: true,
    optionsOverFrontends: true,
    leavesConflictingListenersOut: false,
    passesOverListenersWithoutTls: false,
    readsInsecureFrontends: false,
    mergesBackendPolicies: false,
    ordersFiltersByName: false,
    looksUpExactHosts: false,
    leavesForeignWaypointsAlone: false,
    redirectsByPrefixField: false,
  },
};
