import type { MeshConfig, MeshNetworks } from '../api/istio.gen.ts';
import type { IstioKind } from '../api/kinds.ts';
import type { Behaviours, Release } from '../releases/release.ts';
import type { Resource } from '../resource/resource.ts';
import { applyByKind, type ByKind } from '../resource/select.ts';
import type { SourceDocument } from '../source/document.ts';
import { checkAuthorizationPolicy } from './authorization-policy.ts';
import { checkDestinationRule } from './destination-rule.ts';
import { checkEnvoyFilter } from './envoy-filter.ts';
import { createEnvoyMessages, type EnvoyMessages } from './envoy-messages.ts';
import { checkTrafficExtension, checkWasmPlugin } from './extensions.ts';
import type { Finding, Findings } from './finding.ts';
import { checkGateway } from './gateway.ts';
import { checkMeshConfig, checkMeshNetworks } from './mesh-config.ts';
import { findMetadataError } from './metadata.ts';
import { checkObject } from './objects.ts';
import { checkPeerAuthentication } from './peer-authentication.ts';
import { checkProxyConfig } from './proxy-config.ts';
import { checkRequestAuthentication } from './request-authentication.ts';
import { checkServiceEntry } from './service-entry.ts';
import { checkSidecar } from './sidecar.ts';
import { checkTelemetry } from './telemetry.ts';
import { checkVirtualService } from './virtual-service.ts';
import { checkWorkloadEntry } from './workload-entry.ts';
import { checkWorkloadGroup } from './workload-group.ts';

export type { Finding, ReportedAs } from './finding.ts';

/** What is wrong with a resource, seen by itself. */
export interface ValidatedResource {
  /** Istio refuses the resource. */
  readonly errors: readonly Finding[];
  /** Istio takes the resource and warns. */
  readonly warnings: readonly Finding[];
  /** Istio takes the resource, and only istioctl has something to say. */
  readonly notes: readonly Finding[];
}

/** Checks a resource; pure. */
export type ResourceValidator = (resource: Resource) => ValidatedResource;

/** What checks share; made when it is first asked for. */
interface Tools {
  readonly envoy: () => EnvoyMessages;
  /** What the release takes that others do not. */
  readonly behaviours: Behaviours;
}

/** The check of each kind of Istio's. */
const istioChecks: ByKind<readonly [Tools], Findings, IstioKind> = {
  DestinationRule: (resource, { behaviours }) => checkDestinationRule(resource, behaviours),
  EnvoyFilter: (resource, { envoy, behaviours }) => checkEnvoyFilter(resource, envoy, behaviours),
  Gateway: checkGateway,
  ProxyConfig: checkProxyConfig,
  ServiceEntry: (resource, { behaviours }) => checkServiceEntry(resource, behaviours),
  Sidecar: (resource, { behaviours }) => checkSidecar(resource, behaviours),
  VirtualService: checkVirtualService,
  WorkloadEntry: checkWorkloadEntry,
  WorkloadGroup: checkWorkloadGroup,
  AuthorizationPolicy: (resource, { behaviours }) => checkAuthorizationPolicy(resource, behaviours),
  PeerAuthentication: checkPeerAuthentication,
  RequestAuthentication: (resource, { behaviours }) => checkRequestAuthentication(resource, behaviours),
  Telemetry: checkTelemetry,
  WasmPlugin: checkWasmPlugin,
  TrafficExtension: checkTrafficExtension,
};

/**
 * A validator of resources as istiod's admission webhook sees them: one at a time, without the rest of the mesh. Rules: istio
 * pkg/config/validation. Istio's schema analyzer (IST0106, IST0133) sees no labels and annotations; give it resources without.
 */
export function createResourceValidator(release: Pick<Release, 'behaviours' | 'envoyDescriptorChanges'>): ResourceValidator {
  let messages: EnvoyMessages | undefined;
  const tools: Tools = {
    behaviours: release.behaviours,
    envoy: () => {
      messages ??= createEnvoyMessages(release);
      return messages;
    },
  };
  return (resource) => sortOut(findAll(resource, tools));
}

function findAll(resource: Resource, tools: Tools): readonly Finding[] {
  const findings = applyByKind(istioChecks, resource, tools);
  if (findings === undefined) return [];
  const refused = findMetadataError(resource);
  return refused === undefined ? [...findings] : [refused];
}

/** What istioctl's validate says of an object as it is written, beside the findings of its resource. */
export function validateObject(document: SourceDocument, release: Release): ValidatedResource {
  return sortOut([...checkObject(document, release)]);
}

/** What is wrong with MeshConfig as users write it; paths start at its body. */
export function validateMeshConfig(body: MeshConfig): ValidatedResource {
  return sortOut([...checkMeshConfig(body)]);
}

/** What is wrong with MeshNetworks; paths start at its body. */
export function validateMeshNetworks(networks: MeshNetworks): ValidatedResource {
  return sortOut([...checkMeshNetworks(networks)]);
}

function sortOut(findings: readonly Finding[]): ValidatedResource {
  const of = (severity: Finding['severity']): readonly Finding[] => findings.filter((finding) => finding.severity === severity);
  return { errors: of('error'), warnings: of('warning'), notes: of('note') };
}
