import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { servicesElsewhere } from '../../diagnostics/problems/repositories.ts';
import type { Input } from '../../input/load.ts';
import type { Resource } from '../../resource/resource.ts';
import { groupBy } from '../../util/collections.ts';
import { compact, fieldsOf } from '../../util/object.ts';

/** As many references are told of one by one. */
const MOST_APART = 5;

/** What findings are folded by. */
type FoldedInput = Pick<Input, 'written' | 'clusterDomain'>;

/**
 * One finding for many references to services of a namespace that are all there, but written without a namespace: they are meant for
 * `kubectl apply -n`, which no file says.
 */
export function foldUnplaced(findings: readonly Diagnostic[], input: FoldedInput): readonly Diagnostic[] {
  const references = findings.filter(({ missingHost }) => missingHost !== undefined);
  if (references.length <= MOST_APART) return findings;
  const missing = createLookup(input);
  const groups = groupBy(findings, (finding) => missing(finding) ?? finding);
  return [...groups].flatMap(([namespace, group]) => {
    const [first, ...others] = group;
    if (typeof namespace !== 'string' || first === undefined || group.length <= MOST_APART) return group;
    const firstOfFiles = new Map(others.map(({ location }) => [location?.file, location] as const).reverse());
    firstOfFiles.delete(first.location?.file);
    const elsewhere = [...firstOfFiles.values()].reverse();
    const related = elsewhere.flatMap((location) => (location === undefined ? [] : { message: 'also here', location }));
    const { location, resource, path, reference } = first;
    return servicesElsewhere(compact({ location, resource, path, reference, related }), namespace, group.length);
  });
}

/** Finds the namespace in which a finding misses a service that is written without one. */
function createLookup({ written, clusterDomain }: FoldedInput): (finding: Diagnostic) => string | undefined {
  const unplaced = new Set(written.flatMap((resource) => (isUnplaced(resource) ? [resource.name] : [])));
  return ({ missingHost = '' }) => {
    const [name = '', namespace, ...domain] = missingHost.split('.');
    const isService = domain.length === 0 || [`svc`, `svc.${clusterDomain}`].includes(domain.join('.'));
    return isService && unplaced.has(name) ? namespace : undefined;
  };
}

/** Whether a Service is in the usual namespace only because nobody names one. */
function isUnplaced({ kind, namespace, document }: Resource): boolean {
  if (kind !== 'Service' || !['', 'default'].includes(namespace)) return false;
  return fieldsOf(fieldsOf(document.value).metadata).namespace === undefined;
}
