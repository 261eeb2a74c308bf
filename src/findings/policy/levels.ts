import type { MeshConfig } from '../../api/istio.gen.ts';
import type { Absent, Diagnostic, Severity } from '../../diagnostics/diagnostic.ts';
import { patchMatchesNothing } from '../../diagnostics/problems/envoy-filters.ts';
import { noName, notAnObject, versionNotServed } from '../../diagnostics/problems/objects.ts';
import { policyDenies } from '../../diagnostics/problems/policies.ts';
import { aliasBomb, nestedTooDeep, nothingFound, unreadable, yamlSyntax } from '../../diagnostics/problems/reading.ts';
import { kindUnknown, templateNotRendered } from '../../diagnostics/problems/repositories.ts';
import { telemetryProviderIgnored } from '../../diagnostics/problems/telemetry.ts';
import type { Mesh } from '../../model/mesh.ts';
import { own } from '../../util/object.ts';
import type { AnalyzerFinding } from '../analyzers/support/run.ts';

/**
 * How bad a finding is. Its definition says so where nothing more is known; here stands what lowers it. Every command asks here, so
 * that all give one finding the same level; `validate`, which answers another question, has a rule of its own below.
 */

/** The severities, the worst first. */
export const severityRank: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 };

/** Whether one severity is as bad as another or worse. */
export function isAtLeast(severity: Severity, threshold: Severity): boolean {
  return severityRank[severity] <= severityRank[threshold];
}

/** Problems because of which a document is not read at all; istioctl counts its file as not parsed. */
const unreadableCodes: readonly string[] = [
  ...[unreadable, nothingFound, yamlSyntax, aliasBomb, nestedTooDeep, notAnObject, templateNotRendered],
].map(({ code }) => code);

/** Whether something could not be read, as opposed to being wrong in what it says; what is only told of was not meant to be. */
export function isUnreadable({ code, severity }: Diagnostic): boolean {
  return severity !== 'info' && unreadableCodes.includes(code);
}

/** What is known of an input as a whole. */
export interface Circumstances {
  readonly mesh: Mesh;
  /** The body of MeshConfig as written; empty where none is given. */
  readonly meshConfig: MeshConfig;
}

/** What makes a finding of a code no more than a hint. */
const hints: Readonly<Record<string, (finding: Diagnostic, circumstances: Circumstances) => boolean>> = {
  // A provider can be missing only where MeshConfig is given.
  [telemetryProviderIgnored.code]: (_, { meshConfig }) => Object.keys(meshConfig).length === 0,
  [policyDenies.code]: (_, { meshConfig }) => Object.keys(meshConfig).length === 0,
  [patchMatchesNothing.code]: (finding, { mesh }) => isPatchForOthers(finding, mesh),
};

/** Gives a finding the level that it has in this input. */
export function judge(finding: Diagnostic, circumstances: Circumstances): Diagnostic {
  return own(hints, finding.code)?.(finding, circumstances) ? asHint(finding) : finding;
}

/**
 * A patch that changes nothing is a mistake only where the proxies that it could be for are known: those of the root namespace
 * are for the whole mesh, which the input need not hold, and others can be for another version of the proxy.
 */
function isPatchForOthers({ resource, path }: Diagnostic, mesh: Mesh): boolean {
  if (resource === undefined) return false;
  const patch = mesh.envoyFilters.patches.find(
    ({ resource: { name, namespace }, index }) =>
      name === resource.name && namespace === resource.namespace && index === path?.[2],
  );
  const isForVersion = patch?.resource.spec.configPatches?.[patch.index]?.match?.proxy?.proxyVersion !== undefined;
  const isForOthers =
    resource.namespace === mesh.rootNamespace || !mesh.proxies.some((proxy) => proxy.namespace === resource.namespace);
  return isForOthers || isForVersion;
}

/**
 * A finding of an input that is only a part of a mesh: where it rests on something being absent that may be elsewhere, it is no
 * more than a hint, and says why.
 */
export function judgePartial({ diagnostic, analyzer }: AnalyzerFinding, isUnbuilt = false): Diagnostic {
  const kinds = analyzer.needsAll ?? [];
  if (kinds.length === 0) return diagnostic;
  const names = kinds.map((kind) => (kind === 'KubernetesGateway' ? 'Gateway' : kind)).join(' or ');
  const reason = isUnbuilt
    ? `only a hint, because the kustomization is not built: its ${names} may be otherwise`
    : `only a hint, because the input is partial: a ${names} outside of it may settle this`;
  return asHint({ ...diagnostic, message: `${diagnostic.message} (${reason})` });
}

/** A finding that rests on something being absent is no more than a hint where something may hold it that is not read. */
export function judgeUnread(
  finding: Diagnostic,
  reasonOf: (absent: Absent, file: string | undefined) => string | undefined,
): Diagnostic {
  const { absent, location, message } = finding;
  const reason = absent && reasonOf(absent, location?.file);
  return reason === undefined ? finding : asHint({ ...finding, message: `${message} (only a hint, because ${reason})` });
}

/** Codes of what keeps mesh from looking at an object, and istiod not. */
const overlookedCodes: readonly string[] = [notAnObject, noName, versionNotServed].map(({ code }) => code);

/** Codes of what everybody is told: an object that no cluster takes, although its author means Istio. */
const saidToAll: readonly string[] = [kindUnknown].map(({ code }) => code);

/**
 * What decoding finds, as `validate` has it: the verdict of istioctl's validate. Istio sees everything in its own kinds, and the API
 * server speaks for itself; of what neither sees, istioctl says nothing, so that it is no more than a hint.
 */
export function judgeDecoding(finding: Diagnostic, { apiVersion }: Readonly<Record<string, unknown>>): Diagnostic {
  const isOfIstio = typeof apiVersion === 'string' && /^(networking|security|telemetry|extensions)\.istio\.io\//.test(apiVersion);
  const isSeen = isOfIstio && !overlookedCodes.includes(finding.code);
  return isSeen || finding.apiServer !== undefined || saidToAll.includes(finding.code) ? finding : asHint(finding);
}

/** An error for which Istio itself refuses a resource, as opposed to one that keeps it from being asked. */
export function isErrorOfIstio({ severity, apiServer }: Diagnostic): boolean {
  return severity === 'error' && apiServer === undefined;
}

function asHint(finding: Diagnostic): Diagnostic {
  return { ...finding, severity: 'info' };
}
