import { normalize } from 'node:path';
import type { Session } from '../compile/session.ts';
import type { Diagnostic, ResourceRef } from '../diagnostics/diagnostic.ts';
import { type Input, meshInputOf } from '../input/load.ts';
import type { Mesh } from '../model/mesh.ts';
import { analyzers } from './analyzers/index.ts';
import type { Analyzer } from './analyzers/support/analyzer.ts';
import { createReader } from './analyzers/support/reader.ts';
import { runAnalyzers } from './analyzers/support/run.ts';
import { type Verification, verifyMesh } from './compiled/compiled-findings.ts';
import type { DataPlaneMaker } from './compiled/creation-order.ts';
import { createDocumentValidator } from './documents.ts';
import { judge, judgePartial } from './policy/levels.ts';
import { saidOnce, untold, withoutRefusedKinds } from './policy/precedence.ts';

/** What to look for. */
export interface FindingsChoice {
  /** The analyzers that run; all that are not optional where none are named. */
  readonly analyzers?: readonly Analyzer[];
  /** Whether to look at compiled proxies as well. */
  readonly verification: Verification | 'off';
  /** Whether to tell also what only `validate` tells: what each document has by itself, be it no more than a note. */
  readonly documents?: boolean;
  /** Whether the input holds only a part of the mesh, so that what is absent may stand elsewhere. */
  readonly isPartial?: boolean;
  /** Milliseconds since 1970, for the validity of certificates. */
  readonly now: number;
}

/** What findings are made from. */
export interface FindingsSubject {
  readonly input: Input;
  readonly mesh: Mesh;
  readonly session: Session;
  /** Makes the data plane in which findings try requests. */
  readonly dataPlaneOf: DataPlaneMaker;
}

/**
 * All that is wrong with an input: what reading it found, what the analyzers find in the resources and the mesh, what only the
 * compiled proxies show, and what each document has by itself. The one answer to that question: `analyze` prints the first three,
 * `diff` compares them, and `validate` is the last alone (documents.ts), which needs no mesh.
 */
export function findingsOf(subject: FindingsSubject, choice: FindingsChoice): readonly Diagnostic[] {
  const { input } = subject;
  const { meshConfig, meshNetworks } = input;
  const reader = createReader({
    release: input.release,
    resources: input.written,
    // istioctl, which has no namespace for what names none, knows of none of them.
    ...(input.namespace !== '' && { installed: input.installed }),
    meshConfig,
    ...(meshNetworks !== undefined && { meshNetworks }),
    clusterDomain: input.clusterDomain,
    now: choice.now,
    buildMesh: () => subject.mesh,
  });
  const found = runAnalyzers(reader, choice.analyzers ?? analyzers.filter(({ isOptional }) => !isOptional));
  const isUnbuilt = ({ location }: Diagnostic): boolean => location !== undefined && input.unbuilt.has(normalize(location.file));
  const analyzed = found.map((finding) => {
    if (choice.isPartial) return judgePartial(finding);
    return isUnbuilt(finding.diagnostic) ? judgePartial(finding, true) : finding.diagnostic;
  });
  const compiled =
    choice.verification === 'off'
      ? []
      : verifyMesh(meshInputOf(input), subject.mesh, choice.verification, subject.dataPlaneOf, () => subject.session);
  // Warnings about MeshConfig are validate's; istioctl's analyzers look at Istio's resources only.
  const config = choice.documents ? input.configFindings : input.configFindings.filter(({ severity }) => severity === 'error');
  const ofMesh = [
    ...input.diagnostics,
    ...config,
    ...analyzed,
    ...withWrittenNamespaces(compiled, input).map((finding) => judge(finding, { mesh: subject.mesh, meshConfig })),
  ];
  const { apiServer } = input;
  if (!choice.documents) {
    const refusals = apiServer === undefined ? [] : input.documents.flatMap((document) => apiServer(document) ?? []);
    return [...withoutRefusedKinds(ofMesh, refusals), ...saidOnce(refusals.filter(isOfField), ofMesh)];
  }
  const validate = createDocumentValidator(input);
  return [
    ...ofMesh,
    ...untold(
      input.documents.flatMap((document) => validate(document).diagnostics),
      ofMesh,
    ),
  ];
}

/** Not what the API server says of its own work, nor what it may say of some clusters. */
function isOfField({ path = [], severity }: Diagnostic): boolean {
  return path.length > 0 && severity !== 'info';
}

/** The findings with no namespace on resources that name none, as everywhere else in the output. */
function withWrittenNamespaces(findings: readonly Diagnostic[], { written }: Input): readonly Diagnostic[] {
  if (findings.length === 0) return findings;
  const keyOf = ({ kind, namespace, name }: ResourceRef): string => `${kind}/${namespace}/${name}`;
  const keys = new Set(written.map(keyOf));
  return findings.map((finding) => {
    const { resource } = finding;
    if (resource?.namespace !== 'default' || keys.has(keyOf(resource))) return finding;
    const unplaced = { ...resource, namespace: '' };
    return keys.has(keyOf(unplaced)) ? { ...finding, resource: unplaced } : finding;
  });
}
