import { normalize } from 'node:path';
import type { Diagnostic, ResourceRef } from '../diagnostics/diagnostic.ts';
import type { Input } from '../input/load.ts';
import { whatMayHold } from '../input/unread.ts';
import { afresh } from '../util/again.ts';
import { analyzers } from './analyzers/index.ts';
import type { Analyzer } from './analyzers/support/analyzer.ts';
import { createReader, type Reader, type ReaderInput } from './analyzers/support/reader.ts';
import { runAnalyzers } from './analyzers/support/run.ts';
import { type Verification, type VerificationChoice, type VerifiedMesh, verifyMesh } from './compiled/compiled-findings.ts';
import { createDocumentValidator } from './documents.ts';
import { judge, judgePartial, judgeUnread } from './policy/levels.ts';
import { saidOnce, untold, withoutRefusedKinds, withoutToldRules } from './policy/precedence.ts';

/** What to look for. */
export interface FindingsChoice extends Omit<VerificationChoice, 'verification'> {
  /** The analyzers that run; all that are not optional where none are named. */
  readonly analyzers?: readonly Analyzer[];
  /** Whether to look at compiled proxies as well. */
  readonly verification: Verification | 'off';
  /** Whether to tell also what only `validate` tells: what each document has by itself, be it no more than a note. */
  readonly documents?: boolean;
  /** Milliseconds since 1970, for the validity of certificates. */
  readonly now: number;
}

/** What findings are made from. */
export interface FindingsSubject extends VerifiedMesh {
  readonly input: Input;
}

/**
 * All that is wrong with an input: what reading it found, what the analyzers find in the resources and the mesh, what only the
 * compiled proxies show, and what each document has by itself. The one answer to that question: `analyze` prints the first three,
 * `diff` compares them, and `validate` is the last alone (documents.ts), which needs no mesh.
 */
export function findingsOf(subject: FindingsSubject, choice: FindingsChoice): readonly Diagnostic[] {
  const { input } = subject;
  const reader = readerOf(input, choice, { buildMesh: () => subject.mesh });
  const chosen = chosenAnalyzers(choice).filter(({ isOfFleet }) => !isOfFleet);
  const analyzed = findingsOfAnalyzers(reader, chosen, [input], choice);
  return withDocuments(
    [input],
    [...findingsOfReading(input, choice), ...analyzed, ...withoutToldRules(findingsOfMesh(subject, choice), analyzed)],
    choice,
  );
}

/** The analyzers that are to run. */
export function chosenAnalyzers({ analyzers: named }: FindingsChoice): readonly Analyzer[] {
  return named ?? analyzers.filter(({ isOptional }) => !isOptional);
}

/** What analyzers read of an input, with what is known beside it. */
export function readerOf(
  input: Input,
  { now }: FindingsChoice,
  more: Pick<ReaderInput, 'buildMesh'> & Partial<ReaderInput>,
): Reader {
  const { meshConfig, meshNetworks } = input;
  return createReader({
    release: input.release,
    resources: input.written,
    // istioctl, which has no namespace for what names none, knows of none of them.
    ...(input.namespace !== '' && { installed: input.installed, issued: input.issued }),
    meshConfig,
    ...(meshNetworks !== undefined && { meshNetworks }),
    ...(input.again !== undefined && { again: input.again }),
    clusterDomain: input.clusterDomain,
    now,
    ...more,
  });
}

/** What reading an input found. */
export function findingsOfReading(input: Input, { documents }: FindingsChoice): readonly Diagnostic[] {
  // Warnings about MeshConfig are validate's; istioctl's analyzers look at Istio's resources only.
  const config = documents ? input.configFindings : input.configFindings.filter(({ severity }) => severity === 'error');
  return [...input.diagnostics, ...config];
}

/** What analyzers find, with the level that it has in these inputs. */
export function findingsOfAnalyzers(
  reader: Reader,
  chosen: readonly Analyzer[],
  inputs: readonly Input[],
  { isPartial }: FindingsChoice,
): readonly Diagnostic[] {
  const isUnbuilt = ({ location }: Diagnostic): boolean =>
    location !== undefined && inputs.some(({ unbuilt }) => unbuilt.has(normalize(location.file)));
  const reasonOf = whatMayHold(inputs.map(({ unread }) => unread));
  const [{ again = afresh } = {}, ...others] = inputs;
  return runAnalyzers(reader, chosen, others.length === 0 ? again : afresh).map((finding) => {
    if (isPartial) return judgePartial(finding);
    return isUnbuilt(finding.diagnostic) ? judgePartial(finding, true) : judgeUnread(finding.diagnostic, reasonOf);
  });
}

/** What building the mesh notes and only compiled proxies show. */
export function findingsOfMesh(subject: FindingsSubject, choice: FindingsChoice): readonly Diagnostic[] {
  const { verification } = choice;
  if (verification === 'off') return [];
  const { input, mesh } = subject;
  const compiled = verifyMesh(subject, { ...choice, verification });
  return withWrittenNamespaces(compiled, input).map((finding) => judge(finding, { mesh, meshConfig: input.meshConfig }));
}

/** These findings with what the API server says of documents or, where it is asked for, all that each document has by itself. */
export function withDocuments(
  inputs: readonly Input[],
  found: readonly Diagnostic[],
  choice: FindingsChoice,
): readonly Diagnostic[] {
  if (!choice.documents) {
    const refusals = inputs.flatMap(({ apiServer, documents }) =>
      apiServer === undefined ? [] : documents.flatMap((document) => apiServer(document) ?? []),
    );
    return [...withoutRefusedKinds(found, refusals), ...saidOnce(refusals.filter(isOfField), found)];
  }
  const ofDocuments = inputs.flatMap((input) => {
    const validate = createDocumentValidator(input);
    return input.documents.flatMap((document) => validate(document).diagnostics);
  });
  return [...found, ...untold(ofDocuments, found)];
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
