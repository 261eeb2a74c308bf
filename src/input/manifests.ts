import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { defaultRelease } from '../releases/index.ts';
import type { Release } from '../releases/release.ts';
import { completeResources } from '../resource/complete.ts';
import { decodeDocuments } from '../resource/decode.ts';
import type { Resource } from '../resource/resource.ts';
import { expandLists } from '../source/lists.ts';
import { parseText } from '../source/parse.ts';

/** A file of manifests, read by the caller: YAML or JSON, any number of documents. */
export interface Manifest {
  readonly file: string;
  readonly text: string;
}

/** What manifests hold. */
export interface Manifests {
  /** Resources with workloads expanded to pods and addresses filled in, in an order that does not depend on that of the files. */
  readonly resources: readonly Resource[];
  /** What is wrong with them; what has an error is not among the resources. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads manifests; resources that name no namespace are in `namespace`. Never throws for what the texts hold. */
export function readManifests(
  manifests: readonly Manifest[],
  namespace = 'default',
  release: Release = defaultRelease,
): Manifests {
  const diagnostics: Diagnostic[] = [];
  const report = (diagnostic: Diagnostic): void => void diagnostics.push(diagnostic);
  const documents = expandLists(manifests.flatMap(({ file, text }) => parseText(file, text, report)));
  const resources = completeResources(decodeDocuments(documents, { release, namespace }, report), report);
  return { resources, diagnostics };
}
